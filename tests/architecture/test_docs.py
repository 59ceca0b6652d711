"""What is written for people is true: links lead somewhere, commands exist, paths are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text()):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path) if path else page
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", file.read_text(), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings}, target


def test_every_make_command_in_the_docs_is_a_door() -> None:
    doors = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in PAGES:
        named = set(re.findall(r"(?:^|`)make ([a-z-]+)", page.read_text(), re.MULTILINE))
        assert named <= doors, f"{page.name}: {named - doors}"


def test_every_door_is_explained() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    for door in " ".join(phony).split():
        assert re.search(rf"^{door}:.*## .+", makefile, re.MULTILINE), door


def test_the_readme_s_test_command_is_what_ci_runs() -> None:
    assert "\nmake test" in (ROOT / "README.md").read_text()
    assert "make test" in (ROOT / ".ci/run").read_text()


def test_every_decision_is_in_the_list() -> None:
    listed = (ROOT / "docs/decisions/README.md").read_text()
    pages = [page.name for page in (ROOT / "docs/decisions").glob("0*.md")]
    assert [name for name in pages if name not in listed] == []


def test_every_error_that_the_api_page_names_exists() -> None:
    from tools.reference import errors_page

    known = set(re.findall(r"`([a-z_]+)`", errors_page()))
    page = (ROOT / "docs/api.md").read_text()
    named = {
        code
        for codes in re.findall(r"\b[45]\d\d ((?:`[a-z_]+`(?:, )?)+)", page)
        for code in re.findall(r"`([a-z_]+)`", codes)
    }
    assert len(named) > 10
    assert named <= known, named - known


def test_every_kind_of_event_is_on_the_page_and_refusals_are_called_so() -> None:
    from services.auth.model import events as auth
    from services.twofactor.model import events as twofactor

    page = (ROOT / "docs/audit.md").read_text()
    for events in (auth, twofactor):
        for what in events.What:
            assert f"`{what}`" in page, what
            assert (what in events.REFUSALS) == what.endswith(("_refused", "_too_late")), what
