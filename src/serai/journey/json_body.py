"""JSON bodies of the laboratory's requests: read whole, every fault told at once."""

from typing import Any, Final

import msgspec
from litestar import Request

from serai.formats.json_faults import find_faults, find_schema_faults
from serai.foundation.http.body import open_body
from serai.foundation.http.negotiation import JSON
from serai.foundation.http.problems import InputFault, InputFaultyError
from serai.foundation.http.respond import language_of
from serai.journey.finding_messages import sentence_of
from serai.model.findings import Finding
from serai.model.message_text import MessageText

BODY_BYTES_MAX: Final = 1 << 20


async def read_json(
    request: Request[Any, Any, Any], decoder: Any, kind: Any, *, bytes_max: int = BODY_BYTES_MAX
) -> Any:
    """Read a JSON body. Raises InputFaultyError with all its faults."""
    content = await open_body(request, media_types=(JSON,), bytes_max=bytes_max).read()
    try:
        return decoder.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise _faulty(find_faults(content, kind, bytes_max), language_of(request)) from None


def one_fault(pointer: str, code: str, detail: str, remedy: str) -> InputFaultyError:
    """Return the answer to a body with one fault."""
    return InputFaultyError(
        (InputFault(pointer, code, detail, remedy),),
        MessageText.counted("The body has {count} fault.", "The body has {count} faults.", count=1),
        "Correct it, then send it again.",
    )


def list_body_faults(tree: Any, kind: Any, language: str) -> list[InputFault]:
    """Return every fault of a decoded body, for routes whose bodies the framework decodes."""
    return [_fault_of(one, language) for one in find_schema_faults(tree, kind)]


def _faulty(findings: list[Finding], language: str) -> InputFaultyError:
    faults = [_fault_of(one, language) for one in findings]
    return InputFaultyError(
        tuple(faults),
        MessageText.counted("The body has {count} fault.", "The body has {count} faults.", count=len(faults)),
        "Correct them all, then send it again.",
    )


def _fault_of(finding: Finding, language: str) -> InputFault:
    said = sentence_of(finding, language)
    return InputFault(finding.pointer, finding.code, said.sentence, said.remedy)
