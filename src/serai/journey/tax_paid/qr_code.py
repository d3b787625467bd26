"""A token as a QR code for a label or a page."""

import segno

from serai.journey.tax_paid.token import QR_CHARACTERS_MAX
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

_QUIET_MODULES = 4


def make_token_code(token: str) -> segno.QRCode:
    """Make the code, with error correction M: a seventh of it may be soiled.

    Raises SeraiError `token-no-code`: no QR code holds so much.
    """
    if len(token) > QR_CHARACTERS_MAX:
        raise SeraiError(
            "token-no-code",
            MessageText(
                "The token has {count} characters; a QR code holds at most {count_max}.",
                count=len(token),
                count_max=QR_CHARACTERS_MAX,
            ),
            "Send the token with the declaration, or issue one for each part of the consignment.",
        )
    return segno.make_qr(token, error="m", mode="byte", encoding="iso-8859-1", boost_error=False)


def render_token_svg(token: str, *, scale: int = 4) -> str:
    """Make the code as a picture for a page, with the quiet zone that readers need; the page says how
    large."""
    return str(make_token_code(token).svg_inline(scale=scale, border=_QUIET_MODULES, omitsize=True))
