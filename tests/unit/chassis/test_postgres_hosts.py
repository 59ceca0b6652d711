"""An address of several hosts, one at a time."""

from chassis.postgres_hosts import one_per_host, primary_of


def test_one_host_is_left_as_it_is() -> None:
    for url in ("postgresql://u:p@db/x?sslmode=require", "postgresql://u:p@/x?host=/run/postgresql"):
        assert one_per_host(url) == [url]


def test_of_several_the_primary_is_meant() -> None:
    assert one_per_host("postgresql://u:p%40@one:5432,two:5433/x?sslmode=verify-full") == [
        "postgresql://u:p%40@one:5432/x?target_session_attrs=primary&sslmode=verify-full",
        "postgresql://u:p%40@two:5433/x?target_session_attrs=primary&sslmode=verify-full",
    ]


async def test_a_program_that_knows_one_host_gets_no_word_that_is_for_several() -> None:
    url = "postgresql://u:p%40@db:5433/x?sslmode=require&target_session_attrs=primary&host=/run/one"
    assert await primary_of(url) == "postgresql://u:p%40@db:5433/x?sslmode=require&host=/run/one"


def test_what_it_says_itself_is_kept() -> None:
    assert one_per_host("postgresql://u:p@one,two/x?target_session_attrs=read-write") == [
        "postgresql://u:p@one/x?target_session_attrs=read-write",
        "postgresql://u:p@two/x?target_session_attrs=read-write",
    ]


def test_ports_go_with_their_hosts() -> None:
    assert one_per_host("postgresql://u:p@/x?host=one,two&port=1,2") == [
        "postgresql://u:p@/x?target_session_attrs=primary&host=one&port=1",
        "postgresql://u:p@/x?target_session_attrs=primary&host=two&port=2",
    ]


def test_sockets_are_hosts() -> None:
    assert one_per_host("postgresql://u:p@/x?host=/run/one,/run/two") == [
        "postgresql://u:p@/x?target_session_attrs=primary&host=/run/one",
        "postgresql://u:p@/x?target_session_attrs=primary&host=/run/two",
    ]
