"""Lines of a body as it comes in: the file is never held whole, and no line beyond the limit at all."""

from collections.abc import AsyncIterator

import msgspec

from serai.foundation.http.body import Body


class Lines(msgspec.Struct, frozen=True):
    r"""Lines that came in together.

    first_number: number of the first line, from 1. lines: without `\n` or `\r\n`; a blank line is `b""`.
    too_long: numbers of those lines that passed the limit; in `lines` they are `b""`.
    """

    first_number: int
    lines: list[bytes]
    too_long: tuple[int, ...] = ()


async def read_lines(body: Body, *, line_bytes_max: int) -> AsyncIterator[Lines]:
    """Split a body into lines, some hundred at a time, while it comes in.

    A line that is too long is dropped as it arrives and named in `too_long`: its neighbours go on.
    The last line may lack its line end. Raises what `Body.chunks` raises.
    """
    number = 1
    pieces: list[bytes] = []  # of a line whose end has not come yet
    held_bytes = 0
    is_dropping = False
    async for chunk in body.chunks():
        head, end, tail = chunk.partition(b"\n")
        if not end:
            held_bytes += len(head)
            if held_bytes > line_bytes_max:
                is_dropping = True
                pieces.clear()
            else:
                pieces.append(head)
            continue
        pieces.append(head)
        first = b"".join(pieces)
        lines = [first, *tail.split(b"\n")]
        rest = lines.pop()
        too_long: tuple[int, ...] = ()
        if is_dropping or len(first) > line_bytes_max or len(chunk) > line_bytes_max:
            too_long = _empty_long_lines(lines, number, line_bytes_max, is_first_long=is_dropping)
        if b"\r" in chunk or first.endswith(b"\r"):
            lines = [line.removesuffix(b"\r") for line in lines]
        yield Lines(number, lines, too_long)
        number += len(lines)
        is_dropping = len(rest) > line_bytes_max
        pieces = [] if is_dropping else [rest]
        held_bytes = len(rest)
    if held_bytes:
        yield Lines(number, [b"".join(pieces)], (number,) if is_dropping else ())


def _empty_long_lines(
    lines: list[bytes], number: int, bytes_max: int, *, is_first_long: bool
) -> tuple[int, ...]:
    """Empty the lines beyond the limit in place; return their numbers."""
    long = [
        index for index, line in enumerate(lines) if len(line) > bytes_max or (index == 0 and is_first_long)
    ]
    for index in long:
        lines[index] = b""
    return tuple(number + index for index in long)
