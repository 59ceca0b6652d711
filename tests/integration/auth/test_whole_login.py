"""A person registers, signs in, proves the second factor, and has a session."""

from tests.fakes.auth_service import PUSH, Auth, bearer


async def test_a_person_registers_signs_in_and_has_a_session(auth: Auth) -> None:
    registered = await auth.register()
    person = await auth.sign_in(registered.email)
    tokens = await auth.exchange(person)
    listed = await (await auth.http.get("/v1/sessions", headers=bearer(tokens["access_token"]))).json()
    assert [session["current"] for session in listed["sessions"]] == [True]
    assert listed["sessions"][0]["amr"] == list(PUSH)
