"""Where a request comes from."""

from services.auth.model.caller import caller


def test_networks_are_what_one_customer_has_to_himself() -> None:
    assert caller(["192.0.2.7"], "").network == "192.0.2.7"
    assert caller(["2001:db8:1:2:3:4:5:6"], "").network == "2001:db8:1:2::/64"
    assert caller(["2001:db8:1:2:ffff::1"], "").network == "2001:db8:1:2::/64"
    assert caller(["::ffff:192.0.2.7"], "").network == "192.0.2.7"


def test_what_is_no_address_becomes_that_of_who_connected() -> None:
    assert caller(["spoofed, 192.0.2.7", "198.51.100.1"], "").address == "198.51.100.1"
    assert caller(["fe80::1%eth0", ""], "").address == "fe80::1"
    assert caller(["", ""], "").network == "0.0.0.0"


def test_a_browser_s_name_is_short_and_printable() -> None:
    assert caller([], "Fire\x00fox\udc80\n").browser == "Fire?fox??"
    assert len(caller([], "x" * 5000).browser) == 256
