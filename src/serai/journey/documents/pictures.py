"""Pictures that people upload: read by what they hold, whatever their name says, and written anew.

What is kept is our own JPEG of the pixels alone: where and with what a picture was taken (EXIF, XMP,
comments), what hangs behind it, and what a viewer's decoder would stumble over are not in it. The size is
looked at before anything is decoded.
"""

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import msgspec
from PIL import Image, ImageOps

from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

CONTENT_BYTES_MAX: Final = 12 * 2**20
"""Of what is uploaded: a telephone's largest pictures."""
BODY_BYTES_MAX: Final = 17_000_000
"""Of a request that holds it in base64, which writes three bytes as four letters."""
SIDE_PX_MAX: Final = 2_000
"""Of what is kept: enough to read a label."""
_JPEG_PX_MAX: Final = 50_000_000
"""A JPEG is decoded smaller than it is, which takes a fraction of the room."""
_OTHER_PX_MAX: Final = 20_000_000
_SCANS_COUNT_MAX: Final = 40
"""Of a JPEG that is written in passes: each takes the time of a whole picture; an ordinary one has ten."""
_QUALITY: Final = 82
_FORMATS: Final = {
    "JPEG": (b"\xff\xd8\xff",),
    "PNG": (b"\x89PNG\r\n\x1a\n",),
    "WEBP": (b"RIFF",),
}
_BESIDE: Final = ThreadPoolExecutor(1, "pictures")
"""One at a time: each takes as much room as its pixels."""

# Sizes are looked at here, by format, before anything is decoded.
Image.MAX_IMAGE_PIXELS = None


class Picture(msgspec.Struct, frozen=True):
    """A picture that was written anew: a JPEG without any metadata. Sides in pixels, as it is looked at."""

    content: bytes
    width_px: int
    height_px: int


async def read_picture_beside(content: bytes) -> Picture:
    """Do what `read_picture` does, beside the event loop."""
    return await asyncio.get_running_loop().run_in_executor(_BESIDE, read_picture, content)


def read_picture(content: bytes) -> Picture:
    """Read a JPEG, PNG or WebP and write it anew, upright, with sides of at most SIDE_PX_MAX.

    Raises SeraiError `picture-too-large` (in bytes or pixels), `picture-unfit` (it is no picture, or cannot
    be decoded).
    """
    if len(content) > CONTENT_BYTES_MAX:
        raise _too_large(
            MessageText("A picture has at most {mib_max} megabytes.", mib_max=CONTENT_BYTES_MAX // 2**20)
        )
    name = _format_of(content)
    px_max = _JPEG_PX_MAX if name == "JPEG" else _OTHER_PX_MAX
    if name == "WEBP":
        # Its decoder takes room for all pixels when it is opened.
        _require_fits(_sides_of_webp(content), px_max)
    if name == "JPEG" and content.count(b"\xff\xda") > _SCANS_COUNT_MAX:
        raise _unfit()
    try:
        with Image.open(io.BytesIO(content), formats=[name]) as opened:
            _require_fits(opened.size, px_max)
            return _write_anew(opened)
    except SeraiError:
        raise
    # Decoders of other people, on bytes that anybody may send: whatever they raise, it is no picture.
    except Exception as fault:
        raise _unfit() from fault


def _write_anew(opened: Image.Image) -> Picture:
    opened.draft("RGB", (SIDE_PX_MAX, SIDE_PX_MAX))
    opened.load()
    seen = _upright(opened)
    seen.thumbnail((SIDE_PX_MAX, SIDE_PX_MAX))
    # Onto a new one: what is said beside the pixels stays behind, and what is transparent becomes white.
    kept = Image.new("RGB", seen.size, "white")
    if seen.has_transparency_data:
        clear = seen.convert("RGBA")
        kept.paste(clear, mask=clear)
    else:
        kept.paste(seen.convert("RGB"))
    out = io.BytesIO()
    kept.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return Picture(out.getvalue(), kept.width, kept.height)


def _upright(opened: Image.Image) -> Image.Image:
    """Return a picture turned as its taker saw it; what says so in a way that cannot be read is left out."""
    try:
        return ImageOps.exif_transpose(opened)
    except Exception:  # noqa: BLE001 - metadata alone are broken, and are not kept
        return opened


def _format_of(content: bytes) -> str:
    for name, beginnings in _FORMATS.items():
        if content.startswith(beginnings) and (name != "WEBP" or content[8:12] == b"WEBP"):
            return name
    raise _unfit()


def _sides_of_webp(content: bytes) -> tuple[int, int]:
    """Return the sides of a WebP, in pixels, from its head (RFC 9649)."""
    kind, body = content[12:16], content[20:30]
    if len(body) < 10:
        raise _unfit()
    if kind == b"VP8X":
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF
    raise _unfit()


def _require_fits(sides: tuple[int, int], px_max: int) -> None:
    width, height = sides
    if not 0 < width * height <= px_max:
        raise _too_large(
            MessageText("A picture has at most {count_max} million pixels.", count_max=px_max // 1_000_000)
        )


def _too_large(why: str) -> SeraiError:
    return SeraiError("picture-too-large", why, "Send a smaller picture of the same.")


def _unfit() -> SeraiError:
    return SeraiError(
        "picture-unfit",
        "This is no picture (JPEG, PNG or WebP), or it cannot be read.",
        "Take the picture again, or open it and save it as JPEG, and send that.",
    )
