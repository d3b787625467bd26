"""A picture that anybody sends is read by what it holds and written anew: nothing but its pixels is kept, and
what is no picture, too large, or a bomb is refused."""

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from serai.journey.documents.pictures import CONTENT_BYTES_MAX, SIDE_PX_MAX, read_picture
from serai.model.errors import SeraiError

GPS = b"52.5163N"


def picture(width: int = 40, height: int = 20, mode: str = "RGB", **colour: Any) -> Image.Image:
    return Image.new(mode, (width, height), **{"color": "red", **colour})


def saved(image: Image.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def seen_at(image: Image.Image) -> tuple[int, ...]:
    """The colour of a point."""
    return tuple(image.convert("RGB").crop((5, 5, 6, 6)).tobytes())


def with_metadata(form: str) -> bytes:
    """A picture that says where it was taken, in EXIF, and in the form's other places."""
    exif = Image.Exif()
    exif[0x010E] = "taken at 52.5163N 13.3777E"
    exif.get_ifd(0x8825)[2] = (52.0, 30.0, 58.68)
    options: dict[str, Any] = {"exif": exif, "xmp": b"<x:xmpmeta>" + GPS + b"</x:xmpmeta>"}
    if form == "JPEG":
        options["comment"] = GPS
    if form == "PNG":
        options.pop("xmp")
    return saved(picture(), form, **options)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_what_is_kept_is_a_jpeg_of_the_pixels_and_nothing_beside(form: str) -> None:
    content = with_metadata(form)
    assert b"52.5163" in content, "it is in there"

    kept = read_picture(content + b"<script>alert(1)</script>" if form == "JPEG" else content)

    assert (kept.width_px, kept.height_px) == (40, 20)
    assert kept.content.startswith(b"\xff\xd8\xff")
    for word in (b"52.5163", b"Exif", b"xmpmeta", b"<script"):
        assert word not in kept.content
    with Image.open(io.BytesIO(kept.content)) as read:
        assert read.getexif() == {}
        assert seen_at(read) > (200, 0, 0)
        assert seen_at(read)[1] < 60


def test_it_is_turned_as_its_taker_saw_it() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6

    kept = read_picture(saved(picture(40, 20), "JPEG", exif=exif))

    assert (kept.width_px, kept.height_px) == (20, 40)


def test_a_large_one_is_made_smaller_and_what_is_transparent_white() -> None:
    large = read_picture(saved(picture(6_000, 3_000), "JPEG"))
    clear = read_picture(saved(picture(mode="RGBA", color=(0, 0, 0, 0)), "PNG"))

    assert (large.width_px, large.height_px) == (SIDE_PX_MAX, SIDE_PX_MAX // 2)
    with Image.open(io.BytesIO(clear.content)) as read:
        assert min(seen_at(read)) > 250


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_that_says(width: int, height: int) -> bytes:
    """A few bytes that say they are a huge picture."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(100_000)))


def jpeg_of_many_scans() -> bytes:
    content = saved(picture(), "JPEG", progressive=True)
    scan = content[content.index(b"\xff\xda") : -2]
    return content[:-2] + scan * 60 + b"\xff\xd9"


def webp_that_says(width: int, height: int) -> bytes:
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + sides
    return b"RIFF" + struct.pack("<I", len(body)) + body


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "a script": (lambda: b"<script>alert(1)</script>", "picture-unfit"),
    "nothing": (lambda: b"", "picture-unfit"),
    "another form": (lambda: b"GIF89a" + bytes(500), "picture-unfit"),
    "a drawing that runs": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "picture-unfit"),
    "a document": (lambda: b"%PDF-1.7 /JavaScript", "picture-unfit"),
    "a script with a picture's head": (lambda: b"\xff\xd8\xff" + b"#!/bin/sh" * 50, "picture-unfit"),
    "half a PNG": (lambda: saved(picture(), "PNG")[:-30], "picture-unfit"),
    "half a JPEG": (lambda: saved(picture(), "JPEG")[:200], "picture-unfit"),
    "a JPEG of many passes": (jpeg_of_many_scans, "picture-unfit"),
    "a sound": (lambda: b"RIFF\x10\x00\x00\x00WAVEfmt " + bytes(20), "picture-unfit"),
    "a bomb": (lambda: png_that_says(60_000, 60_000), "picture-too-large"),
    "a smaller bomb": (lambda: png_that_says(5_000, 5_000), "picture-too-large"),
    "a WebP bomb": (lambda: webp_that_says(16_000, 16_000), "picture-too-large"),
    "too many bytes": (lambda: bytes(CONTENT_BYTES_MAX + 1), "picture-too-large"),
}


@pytest.mark.parametrize(("make", "code"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_picture_or_too_large_is_refused(make: Callable[[], bytes], code: str) -> None:
    with pytest.raises(SeraiError) as caught:
        read_picture(make())

    assert caught.value.code == code
    assert caught.value.next_step
