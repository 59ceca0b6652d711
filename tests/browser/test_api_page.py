"""The description of the API, as somebody reads it: without a script, under a policy that lets nothing in."""

import pytest
from playwright.async_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_reader_opens_an_operation_and_finds_its_codes(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto("/docs")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Countersign")
    operation = page.locator("#post_v1_mfa_challenges")
    await expect(operation.get_by_text("challenge_pending")).to_be_hidden()
    await operation.locator("summary").click()
    await expect(operation.get_by_text("challenge_pending")).to_be_visible()
    # The style has passed the policy, or the code would look like the text around it.
    assert "mono" in await operation.locator("code").first.evaluate("node => getComputedStyle(node).fontFamily")
    assert len([url for url in asked if not url.endswith("/favicon.ico")]) == 1, "one document, and nothing else"


async def test_a_narrow_screen_needs_no_sideways_scrolling(page: Page) -> None:
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.goto("/docs")
    for operation in ("#post_v1_users", "#post_oauth2_token"):
        await page.locator(operation).locator("summary").click()
    assert await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
