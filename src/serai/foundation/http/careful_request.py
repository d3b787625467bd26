"""A request whose small bodies cannot break the server: what the decoder raises beside its own errors is the
sender's fault all the same, and no body is kept when it is answered.
"""

from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
from litestar import Request
from litestar.datastructures import FormMultiDict
from litestar.enums import RequestEncodingType

from serai.foundation.http.problems import InputFault, InputFaultyError
from serai.foundation.http.respond import kit_of, language_of
from serai.model.message_text import MessageText

_NUL_ESCAPED = b"\\u0000"
_FIELDS_COUNT_MAX: Final = 1_000
"""Most fields of a form; ours have some twenty."""


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
        self._refuse_unfit(decoded)
        return decoded

    def _refuse_unfit(self, decoded: Any) -> None:
        """Raise InputFaultyError with every fault of a body, where the framework would tell the first."""
        handler = self.scope.get("route_handler")
        wanted = getattr(handler, "parsed_data_field", None)
        if wanted is None:
            return
        try:
            msgspec.convert(decoded, wanted.annotation)
        except msgspec.ValidationError:
            faults = tuple(kit_of(self).list_body_faults(decoded, wanted.annotation, language_of(self)))
            if faults:
                message = MessageText.counted(
                    "The body has {count} fault.", "The body has {count} faults.", count=len(faults)
                )
                raise InputFaultyError(faults, message, "Correct them all, then send it again.") from None

    async def form(self) -> FormMultiDict:
        """Return the fields of a form. Raises InputFaultyError.

        Litestar's own keeps the last thousand url-encoded bodies, large ones too, and the passwords in them.
        """
        if self.content_type[0] != RequestEncodingType.URL_ENCODED:
            return await super().form()
        text = (await self.body()).decode("latin-1")
        try:
            return FormMultiDict(parse_qsl(text, keep_blank_values=True, max_num_fields=_FIELDS_COUNT_MAX))
        except ValueError as fault:
            raise _faulty("too-many", "The form has too many fields.", "Send those of the page.") from fault


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
