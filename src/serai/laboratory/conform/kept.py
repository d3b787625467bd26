"""What a case keeps of an answer for its later steps."""

import re
from typing import Any, Final

_TARGET: Final = re.compile(r"\s*<([^>]*)>")
_SERVER: Final = re.compile(r"[a-z]+://[^/]+")


def at_pointer(answer: Any, pointer: str) -> Any:
    """Return what stands at a pointer in a JSON answer, a negative number counting from the end; or None."""
    for step in pointer.split("/")[1:]:
        if isinstance(answer, list):
            is_there = step.lstrip("-").isdigit() and -len(answer) <= int(step) < len(answer)
            answer = answer[int(step)] if is_there else None
        else:
            answer = answer.get(step) if isinstance(answer, dict) else None
    return answer


def in_header(value: str | None, address: str) -> str | None:
    """Return a header, an address (Location, or the first of Link, RFC 8288) as a path of the server.

    A server may know itself by another name than it was reached by: only the path counts.
    """
    if value is None:
        return None
    target = _TARGET.match(value)
    found = value if target is None else target[1]
    return _SERVER.sub("", found.removeprefix(address.rstrip("/")), count=1)
