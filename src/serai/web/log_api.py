"""The log as C2SP tlog-tiles serves it, its key, and checking of receipts: for anyone, without a key of
ours.
"""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from serai.app import Node
from serai.evidence.leaf import Opening, Openings
from serai.evidence.notes import encode_bytes, write_verifier_key
from serai.evidence.receipt import RECEIPT_SIZE_BYTES_MAX, Receipt
from serai.evidence.store import prove_consistency, read_published_note, read_tile
from serai.evidence.tiles import WIDTH, read_path
from serai.foundation.http.body import open_body
from serai.foundation.http.decoding_faults import fault_of_decoding
from serai.foundation.http.negotiation import JSON
from serai.foundation.http.problems import InputFaultyError
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import parse_id
from serai.journey.cases.openings import read_openings
from serai.journey.cases.service import CaseFiles
from serai.journey.visibility.table import viewer_of
from serai.model.errors import SeraiError
from serai.web.verdicts import VerdictOut, check_receipt

_AnyRequest = Request[Any, Any, Any]
_TEXT = "text/plain; charset=utf-8"
_FOR_EVER = {"cache-control": "public, max-age=31536000, immutable"}
_NOT_STORED = {"cache-control": "no-store"}
_BODY_BYTES_MAX = 2 * RECEIPT_SIZE_BYTES_MAX


_Size = Annotated[int, QueryParameter(ge=1, le=2**62, description="Leaves of the log.")]


class CheckRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A receipt as text, byte for byte as issued, and fields to open: name, and base64 of salt and value."""

    receipt: str
    openings: Annotated[list[Opening], msgspec.Meta(max_length=64)] = []


def read_check_request(content: bytes) -> CheckRequest | None:
    """Return what was asked, or None where the body is the receipt itself. Raises InputFaultyError."""
    try:
        tree = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if not isinstance(tree, dict) or "receipt" not in tree:
        return None
    try:
        return msgspec.json.decode(content, type=CheckRequest)
    except msgspec.ValidationError as fault:
        raise InputFaultyError(
            (fault_of_decoding(str(fault)),), "The request cannot be read.", "Correct it and send it again."
        ) from fault


@get(
    "/log/checkpoint",
    opt={"act": "public.read"},
    media_type=_TEXT,
    summary="The newest signed checkpoint of the log (C2SP tlog-checkpoint).",
)
async def read_log_checkpoint(request: _AnyRequest) -> Response[str]:
    """404 while the log is empty. Where the log has witnesses, the newest that a quorum of them has signed,
    with their lines."""
    node = provided(request, Node)
    async with node.database.write() as connection:
        note = await read_published_note(connection, is_witnessed=node.settings.log.quorum_count > 0)
    if note is None:
        raise _nothing_yet()
    return Response(note, media_type=_TEXT, headers=_NOT_STORED)


@get(
    "/log/key",
    opt={"act": "public.read"},
    media_type=_TEXT,
    summary="The log's public key as one line: name+id+key.",
)
async def read_log_key(request: _AnyRequest) -> Response[str]:
    """What `serai verify --log` asks for; compare it with what the administration publishes elsewhere."""
    services = provided(request, Node).services
    line = write_verifier_key(services.log_origin, services.signer.public_key)
    return Response(line + "\n", media_type=_TEXT)


@get(
    "/log/tile/{path:path}",
    opt={"act": "public.read"},
    media_type="application/octet-stream",
    summary="A tile or entry bundle of the log (C2SP tlog-tiles).",
)
async def read_log_tile(request: _AnyRequest, path: FromPath[str]) -> Response[bytes]:
    """tile/LEVEL/INDEX[.p/WIDTH] or tile/entries/INDEX[.p/WIDTH]; an entry is a leaf of salted
    commitments: no personal data.
    """
    wanted = read_path(f"tile/{path.lstrip('/')}")
    # The log is the node's: an entry may be another administration's, and tells nothing.
    async with provided(request, Node).database.write_as_owner() as connection:
        tile = await read_tile(connection, wanted)
    if tile is None:
        raise _nothing_yet()
    headers = _FOR_EVER if wanted.width == WIDTH else {"cache-control": "public, max-age=60"}
    return Response(tile, media_type="application/octet-stream", headers=headers)


@get(
    "/log/consistency",
    opt={"act": "public.read"},
    media_type=_TEXT,
    summary="Proof that the log of `new_size` leaves begins with that of `old_size`: a base64 hash a line.",
)
async def read_log_consistency(request: _AnyRequest, old_size: _Size, new_size: _Size) -> Response[str]:
    """RFC 9162, 2.1.4; the roots are those of the checkpoints of these sizes. Equal sizes: no line."""
    async with provided(request, Node).database.write() as connection:
        proof = await prove_consistency(connection, old_size, new_size)
    lines = "".join(f"{encode_bytes(one)}\n" for one in proof)
    return Response(lines, media_type=_TEXT, headers={"cache-control": "public, max-age=3600"})


@get(
    "/v1/receipts/{leaf_id:str}",
    opt={"act": "cases.read"},
    summary="The receipt of a decision or an act by its id: a promise for some seconds, then a proof.",
    responses={200: ResponseSpec(Receipt, description="The receipt", generate_examples=False)},
)
async def read_receipt_of_decision(request: _AnyRequest, leaf_id: FromPath[str]) -> Response[bytes]:
    """A decision's for those who may see the case, an act's for the party that did it.

    Keep it byte for byte as it is.
    """
    receipt = await provided(request, CaseFiles).read_receipt_of_leaf(
        viewer_of(actor_of(request)), parse_id(leaf_id)
    )
    return Response(receipt, media_type=JSON)


@get(
    "/v1/receipts/{leaf_id:str}/openings",
    opt={"act": "cases.read"},
    summary="What opens your own document and decision in a receipt: name, salt and value of each field.",
    responses={200: ResponseSpec(Openings, description="Salts and values", generate_examples=False)},
)
async def read_receipt_openings(request: _AnyRequest, leaf_id: FromPath[str]) -> Response[Openings]:
    """By the number of the decision or document. With it anybody you give it to can see that what you show
    was logged: `serai verify RECEIPT --open decision=FILE`.
    """
    actor = actor_of(request)
    found = await read_openings(
        provided(request, CaseFiles), viewer_of(actor), parse_id(leaf_id), actor.credential_id or ""
    )
    return Response(found, headers={"cache-control": "no-store"})


@post(
    "/v1/receipts/verify",
    opt={"act": "receipts.verify"},
    status_code=200,
    summary="Check a receipt: that this log signed it, and that not a byte was changed.",
    responses={200: ResponseSpec(VerdictOut, description="What the receipt shows", generate_examples=False)},
)
async def verify(request: _AnyRequest) -> VerdictOut:
    """Send the receipt as it was issued, or {"receipt": "...", "openings": [...]} to show fields as
    well. A false receipt is answered with
    200 and its faults: that it was checked is what you asked for.
    """
    content = await open_body(request, media_types=(JSON,), bytes_max=_BODY_BYTES_MAX).read()
    wanted = read_check_request(content)
    node = provided(request, Node)
    services = node.services
    return check_receipt(
        wanted.receipt.encode() if isinstance(wanted, CheckRequest) else content,
        services.signer.public_key,
        services.log_origin,
        wanted.openings if isinstance(wanted, CheckRequest) else [],
        {one.name: one.public_key for one in node.witnesses},
    )


ROUTES = [
    read_log_checkpoint,
    read_log_key,
    read_log_tile,
    read_log_consistency,
    read_receipt_of_decision,
    read_receipt_openings,
    verify,
]


def _nothing_yet() -> SeraiError:
    return SeraiError(
        "not-found", "The log does not hold this, or not yet.", "Ask for the checkpoint to see its size."
    )
