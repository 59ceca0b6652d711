"""A QR code as part of the page: an inline SVG needs no address that others could fetch, and no word in the policy."""

import segno
from markupsafe import Markup


def qr_svg(text: str) -> Markup:
    """Black on white in every colour scheme, with the quiet zone that cameras look for (ISO/IEC 18004).

    Whoever places it says what it is: to a screen reader the picture itself says nothing.
    """
    drawn = segno.make(text, micro=False, error="m").svg_inline(
        border=4, omitsize=True, dark="#000", light="#fff", svgclass="qr", lineclass=None
    )
    hidden = drawn.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
    return Markup(hidden)  # noqa: S704 drawn by segno: numbers alone, nothing of the text stands in it
