"""What a publisher, or who relays its lists, signs of a list: a compact JSON Web Signature beside the file.

`NAME.jws` lies beside `NAME`. Its type is `serai-list`, its payload JSON: name, sha256 (hexadecimal, of the
file's bytes) and signed_at (RFC 3339). Any JOSE program writes one; only Ed25519 is taken.
"""

import datetime as dt
from hashlib import sha256
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from serai.foundation.jws import SignsBytes, read_compact, sign_compact
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

TYPE: Final = "serai-list"
ENDING: Final = ".jws"
SIGNATURE_BYTES_MAX: Final = 4_096
_LEEWAY: Final = dt.timedelta(minutes=5)


class Statement(msgspec.Struct, frozen=True):
    """What is signed of a list."""

    name: str
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    signed_at: Annotated[dt.datetime, Meta(tz=True)]


def sign_list(name: str, content: bytes, signed_at: dt.datetime, signer: SignsBytes) -> str:
    """Return what is put beside a list."""
    said = Statement(name, sha256(content).hexdigest(), signed_at)
    return sign_compact(msgspec.json.encode(said), signer, kid=name, typ=TYPE)


def read_statement(
    signature: bytes, name: str, public_key: bytes, *, at: dt.datetime, after: dt.datetime | None
) -> Statement:
    """Return what is signed of the list of a name. after: when the list that was taken last was signed.

    Raises SeraiError `list-unsigned` where no signature of this key says anything of it, `list-older` where a
    newer one was taken, `list-signed-later` than now.
    """
    found = read_compact(signature.decode("ascii", "replace"))
    if found is None or found.typ != TYPE or not found.is_signed_by(public_key):
        raise unsigned(name)
    try:
        said = msgspec.json.decode(found.payload, type=Statement)
    except msgspec.MsgspecError as fault:
        raise unsigned(name) from fault
    if said.name != name:
        raise unsigned(name)
    if said.signed_at > at + _LEEWAY:
        raise SeraiError(
            "list-signed-later",
            MessageText("{name} was signed later than now.", name=name),
            "Compare the clock of who signs it with the time of day.",
        )
    if after is not None and said.signed_at <= after:
        raise SeraiError(
            "list-older",
            MessageText("{name} was signed before the list that was taken last.", name=name),
            "Ask its publisher for the newest list; an old one would free whom newer ones name.",
        )
    return said


def require_signed(said: Statement, content: bytes) -> None:
    """Refuse other bytes than were signed. Raises SeraiError `list-unsigned`."""
    if sha256(content).hexdigest() != said.sha256:
        raise unsigned(said.name)


def unsigned(name: str) -> SeraiError:
    """Return the error of a list that is not signed by the key of its source."""
    return SeraiError(
        "list-unsigned",
        MessageText("{name} is not signed by the key that is registered for it.", name=name),
        "The list in force stays. Ask its publisher; a new key is registered with its source.",
    )
