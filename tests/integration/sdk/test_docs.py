"""The snippets of docs/sdk.md that need a real login."""

import asyncio

import pytest

from countersign.client import ClientSecret
from tests.fakes.snippets import run, snippets
from tests.integration.sdk.conftest import Person
from tools.demo.story import NUMBER
from tools.devstack.stack import Stack

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("system")]
PAGE = snippets("docs/sdk.md")


async def pressed(person: Person, button: str) -> None:
    async with asyncio.timeout(10):
        while not any(each["status"] == "pending" for each in (await person.phone())["approval_requests"]):
            await asyncio.sleep(0.05)
    await person.press(button)


@pytest.mark.parametrize(("button", "said"), [("approve", "signed in for "), ("deny", "The login was denied.")])
async def test_a_program_signs_in(
    stack: Stack, person: Person, button: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await person.register()
    code = PAGE["Sign in from a program"].replace("https://id.example.com", stack.url)
    code = code.replace("ada@example.com", person.email).replace("a long and winding password", person.password)
    typed = asyncio.Event()

    def number(_prompt: str) -> str:
        """The person at the keyboard, in a thread of their own."""
        phone = asyncio.run_coroutine_threadsafe(person.phone(), loop).result(10)
        loop.call_soon_threadsafe(typed.set)
        return str(phone["approval_requests"][0]["details"][NUMBER])

    loop = asyncio.get_running_loop()
    await asyncio.gather(run(code, input=number), pressed(person, button))
    assert typed.is_set()
    assert capsys.readouterr().out.startswith(said)


async def test_a_service_acts_in_its_own_name(
    stack: Stack, service_client: ClientSecret, capsys: pytest.CaptureFixture[str]
) -> None:
    code = PAGE["Act in your own name"].replace("https://id.example.com", stack.url)
    await run(code)
    assert capsys.readouterr().out == "invalid_client\n"
    await run(code.replace('"payments"', f'"{service_client.client_id}"').replace("css_...", service_client.secret))
    assert capsys.readouterr().out == f"True {service_client.client_id}\n"
