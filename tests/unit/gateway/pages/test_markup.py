"""Every page, as a screen reader and a strict browser read it."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from gateway.pages.templating import STATIC, content_hash, environment
from tests.browser.preview import COMMON, PAGES

VOID = {"meta", "link", "input", "br"}
Attributes = dict[str, str | None]


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, Attributes]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def of(self, *tags: str) -> Iterator[Attributes]:
        return (attributes for tag, attributes in self.found if tag in tags)

    def values(self, name: str) -> list[str]:
        return [attributes[name] or "" for _, attributes in self.found if name in attributes]


@pytest.fixture(params=sorted(PAGES))
def tags(request: pytest.FixtureRequest) -> Tags:
    template, values = PAGES[request.param]
    return Tags(environment("Test service", content_hash()).get_template(template).render({**COMMON, **values}))


def test_every_tag_is_closed(tags: Tags) -> None:
    assert tags.open == []


def test_ids_are_unique_and_whatever_points_to_one_finds_it(tags: Tags) -> None:
    ids = tags.values("id")
    assert len(ids) == len(set(ids))
    pointers = [
        name for value in tags.values("aria-describedby") + tags.values("aria-labelledby") for name in value.split()
    ]
    assert set(pointers + tags.values("for")) <= set(ids)


def test_every_field_has_a_label(tags: Tags) -> None:
    fields = [field for field in tags.of("input", "select") if field.get("type") != "hidden"]
    assert {field["id"] for field in fields} <= set(tags.values("for"))


def test_a_page_has_a_language_a_title_and_a_heading_to_show(tags: Tags) -> None:
    assert [page["lang"] for page in tags.of("html")] == ["en"]
    # The waiting page has a second one, hidden until the phone has spoken.
    assert len(list(tags.of("h1"))) in {1, 2}
    assert len(list(tags.of("title"))) == 1


def test_pictures_say_nothing_twice(tags: Tags) -> None:
    outer = [svg for svg in tags.of("svg") if "class" in svg]
    assert all(svg["aria-hidden"] == "true" and svg["focusable"] == "false" for svg in outer)


def test_nothing_is_written_inline_and_every_file_is_there(tags: Tags) -> None:
    assert not list(tags.of("style"))
    assert tags.values("style") == []
    assert not [name for _, attributes in tags.found for name in attributes if name.startswith("on")]
    files = [link["href"] for link in tags.of("link")] + [script["src"] for script in tags.of("script")]
    for address in files:
        assert re.fullmatch(rf"/static/{content_hash()}/[a-z]+\.(css|js|svg)", address or "")
        assert (STATIC / (address or "").rsplit("/", 1)[1]).exists()


def test_every_form_that_is_sent_carries_its_token(tags: Tags) -> None:
    forms = [form for form in tags.of("form") if form.get("method") == "post"]
    tokens = [field for field in tags.of("input") if field.get("name") == "csrf"]
    assert len(forms) == len(tokens)


def test_all_addresses_are_of_this_host(tags: Tags) -> None:
    assert all(
        value.startswith(("/", "otpauth://totp/"))
        for value in tags.values("href") + tags.values("action") + tags.values("src")
    )
