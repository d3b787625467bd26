"""The page `/receipts/check`: give a receipt and see in plain words what it proves; for everybody."""

from typing import Any, Final

from litestar import Request, Response, get, post

from serai.app import Node
from serai.evidence.notes import write_verifier_key
from serai.evidence.store import StoredCheckpoint, read_checkpoint
from serai.foundation.http.interface_words import interface_words
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import kit_of, language_of, page
from serai.web.receipts.asked import Asked, read_asked
from serai.web.receipts.view import OurLog, ReceiptView, view_receipt

_Request = Request[Any, Any, Any]
_OPT: Final = {"act": "receipts.verify"}
_FAULTY: Final = 422


@get("/receipts/check", opt=_OPT, include_in_schema=False)
async def show_receipt_check(request: _Request) -> Response[str]:
    """Show the form, and the newest checkpoint of the log."""
    return _page(request, None, Asked(), await _newest(request))


@post("/receipts/check", opt=_OPT, include_in_schema=False, status_code=200)
async def check_given_receipt(request: _Request) -> Response[str]:
    """Check what was pasted or given; it comes back on the page and is forgotten."""
    asked = await read_asked(await request.form())
    newest = await _newest(request)
    if asked.faults:
        return _page(request, None, asked, newest)
    view = view_receipt(asked.receipt, asked.openings, _our_log(request, newest), kit_of(request).clock.now())
    return _page(request, view, asked, newest)


ROUTES = [show_receipt_check, check_given_receipt]


async def _newest(request: _Request) -> StoredCheckpoint | None:
    async with provided(request, Node).database.write() as connection:
        return await read_checkpoint(connection)


def _our_log(request: _Request, newest: StoredCheckpoint | None) -> OurLog:
    node = provided(request, Node)
    return OurLog(
        node.services.log_origin,
        node.services.signer.public_key,
        node.administration_id,
        {one.name: one.public_key for one in node.witnesses},
        None if newest is None else newest.tree_size,
    )


def _page(
    request: _Request, view: ReceiptView | None, asked: Asked, newest: StoredCheckpoint | None
) -> Response[str]:
    node, words = provided(request, Node), interface_words(language_of(request))
    services = node.services
    more = {
        "text": asked.text,
        "openings_text": asked.openings_text,
        "faults": {field: words.gettext(sentence) for field, sentence in asked.faults.items()},
        "newest": newest,
        "key": write_verifier_key(services.log_origin, services.signer.public_key),
        "witnesses_count": len(node.witnesses),
        "time_zone": node.settings.administration.time_zone,
    }
    status = _FAULTY if asked.faults else 200
    return page(request, view, "portal/receipt_check.html", status=status, more=more)
