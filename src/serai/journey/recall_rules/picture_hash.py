"""The perceptual hash of a picture: 64 bits that change little when a picture is scaled, recoloured or
compressed anew. Whoever shows an offer works it out in the same way."""

import io
from typing import Final

from PIL import Image

from serai.journey.documents.pictures import Picture

_SIDE_COUNT: Final = 8


def hash_picture(picture: Picture) -> str:
    """Return the difference hash of a picture, sixteen hexadecimal digits.

    In grey, scaled to nine by eight (box filter); row by row, a bit is one where a point is brighter than the
    one to its right, the first bit the highest. Source: N. Krawetz, "Kind of Like That" (2013).
    """
    with Image.open(io.BytesIO(picture.content), formats=["JPEG"]) as opened:
        grey = opened.convert("L").resize((_SIDE_COUNT + 1, _SIDE_COUNT), Image.Resampling.BOX)
    points = grey.tobytes()
    bits = 0
    for row in range(_SIDE_COUNT):
        begin = row * (_SIDE_COUNT + 1)
        for place in range(begin, begin + _SIDE_COUNT):
            bits = bits << 1 | (points[place] > points[place + 1])
    return f"{bits:016x}"
