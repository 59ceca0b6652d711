"""What a page says while a push is under way: what to do now, and how."""

from collections.abc import Mapping

# By what is missing: the number, the phone.
STEPS: Mapping[tuple[bool, bool], tuple[str, str]] = {
    (True, True): (
        "Type the number that your phone shows",
        "Open the request in Authy, type its number here, and approve it there.",
    ),
    (True, False): ("Your phone said yes", "Now type the number that it shows: then both belong together."),
    (False, True): ("Now approve on your phone", "We sent it to Authy. This page moves on by itself."),
    (False, False): ("Approved", "This page moves on by itself."),
}
