"""What dbmate is told about the server."""

from urllib.parse import parse_qs, urlsplit

from chassis.migrate import for_dbmate


def options_of(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(for_dbmate(url, "auth")).query)


def test_a_server_that_takes_the_connection_and_says_nothing_is_not_waited_for_without_end() -> None:
    assert options_of("postgresql://owner:word@db/countersign")["connect_timeout"] == ["5"]
    assert options_of("postgresql://owner:word@db/countersign?connect_timeout=2")["connect_timeout"] == ["2"]


def test_the_schema_comes_first_and_what_the_address_says_is_kept() -> None:
    found = options_of("postgresql://owner:word@db/countersign?sslmode=verify-full")
    assert (found["search_path"], found["sslmode"]) == (["auth"], ["verify-full"])
    assert for_dbmate("postgresql://owner:word@db/countersign", "auth").startswith("postgres://owner:word@db/")
