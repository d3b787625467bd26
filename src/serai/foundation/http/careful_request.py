"""A request whose small JSON bodies cannot break the server: what the decoder raises beside its own errors is
the sender's fault all the same.
"""

from typing import Any

from litestar import Request

from serai.foundation.http.problems import InputFault, InputFaultyError

_NUL_ESCAPED = b"\\u0000"


class CarefulRequest(Request[Any, Any, Any]):
    """The request of every route. No UTF-8, nesting without end and U+0000 are `input-faulty`."""

    async def json(self) -> Any:
        """Return the decoded body. Raises InputFaultyError."""
        try:
            decoded = await super().json()
        except UnicodeDecodeError as fault:
            raise _faulty("not-utf-8", "The body is not text in UTF-8.", "Send it in UTF-8.") from fault
        except RecursionError as fault:
            raise _faulty("too-deep", "The body is nested too deep.", "Send what is documented.") from fault
        # PostgreSQL keeps no text with one; looked for only where the body has its escape.
        if _NUL_ESCAPED in await self.body() and _has_nul(decoded):
            raise _faulty("nul-character", "A text holds the character U+0000.", "Leave it out.")
        return decoded


def _has_nul(tree: Any) -> bool:
    match tree:
        case str():
            return "\0" in tree
        case list():
            return any(_has_nul(one) for one in tree)
        case dict():
            return any(_has_nul(name) or _has_nul(one) for name, one in tree.items())
        case _:
            return False


def _faulty(code: str, detail: str, next_step: str) -> InputFaultyError:
    return InputFaultyError((InputFault("", code, detail),), detail, next_step)
