"""One page of status codes: the rule for all routes, and which problem has which."""

from http import HTTPStatus

from serai.foundation.http.problems import PROBLEMS

from tools.reference.layout import MARK, cell

_RULE = """The same rule holds at every route.

| status | when |
|---|---|
| 200 | read, checked or changed; a document sent before: its stored answer; of many: each line tells |
| 201 | something was made; `Location` is its address |
| 202 | work was taken on whose result has an address (EPCIS captures) |
| 204 | something was removed, and there is nothing to tell |
| 303 | a page leads on to another |
| 400 | the request cannot be read: syntax, encoding, an unknown or mistyped parameter |
| 401, 403 | nobody, or not this role or key, may do that |
| 404 | nothing is there, or nothing that you may know of |
| 405, 406, 408, 413, 415, 429, 431 | as HTTP says |
| 409 | it contradicts what is stored: another version, a used reference, goods released before |
| 410 | it was there and is erased or used |
| 422 | the body was read and has faults: all of them are named |
| 500 | we failed; `incident` is the number to name |
| 503, 507 | not now: `Retry-After` says when to come again, and repeats are harmless |

Every answer above 399 is a problem (RFC 9457, `application/problem+json`) with a permanent `code`.
"""


def build_pages() -> dict[str, str]:
    """Return the page."""
    rows = "".join(
        f"| {kind.status} {HTTPStatus(kind.status).phrase} | [`{code}`](errors/{code}.md) "
        f"| {cell(kind.title)} "
        f"| {'' if kind.retry_after_s is None else f'{kind.retry_after_s} s'} |\n"
        for code, kind in sorted(PROBLEMS.items(), key=lambda one: (one[1].status, one[0]))
    )
    table = f"| status | code | means | Retry-After |\n|---|---|---|---|\n{rows}"
    return {
        "reference/status-codes.md": f"{MARK}\n# Status codes\n\n{_RULE}\n## Problems by status\n\n{table}"
    }
