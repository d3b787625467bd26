"""What routes that take one document answer where it is not taken, for the description of the API."""

from collections.abc import Mapping
from typing import Final

from litestar.openapi.datastructures import ResponseSpec

from serai.foundation.http.document_problems import DocumentProblem
from serai.foundation.http.problems import PROBLEM_MEDIA_TYPE


def _described(description: str) -> ResponseSpec:
    return ResponseSpec(
        DocumentProblem,
        description=description,
        media_type=PROBLEM_MEDIA_TYPE,
        generate_examples=False,
    )


NOT_TAKEN: Final[Mapping[int, ResponseSpec]] = {
    409: _described("The document was refused: `code` says why"),
    422: _described("The document has faults: `findings` names each"),
    500: _described("Serai failed on this document: `detail` names the incident"),
}
"""For the description of routes that answer one document."""
