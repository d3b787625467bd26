"""Bodies of requests: sound or spoilt messages and documents, for the operations that take them."""

from random import Random
from typing import Any, Final

import msgspec
from serai.journey.messaging.registry import MESSAGE_EXCHANGES

from tools.campaign.furnishing import Furnished
from tools.campaign.mutation import Shape, spoil
from tools.campaign.samples import samples_of, signed_quotes
from tools.campaign.sound_bodies import NOWHERE, sound_bodies

LIST_NAME: Final = "campaign.csv"
"""The one list that a campaign replaces: put back, everything is decided as before."""
LIST_KIND: Final = "denied-parties"
_BODIES: Final[dict[str, tuple[str, str, Shape]]] = {
    "/v1/declarations": ("declaration", "application/json", "json"),
    "/v1/orders": ("order", "application/json", "json"),
    "/v1/payments": ("payment", "application/json", "json"),
    "/v1/transport-documents": ("transport-document", "application/json", "json"),
    "/v1/arrivals": ("arrival", "application/json", "json"),
    "/v1/epcis/capture": ("epcis", "application/json", "json"),
    "/v1/receipts/verify": ("declaration", "application/json", "json"),
    "/v1/lists/{kind}": (f"{LIST_KIND}.csv", "text/csv", "lines"),
}
_SOUND: Final = sound_bodies()
_OTHER_FORMS: Final[tuple[tuple[str, str, Shape], ...]] = (
    ("ndjson", "application/x-ndjson", "json"),
    ("csv", "text/csv", "lines"),
    ("wco-dec", "application/xml", "xml"),
)


def spoilt_body(case: Any, headers: dict[str, str], random: Random, made: Furnished) -> bytes | None:
    """Return a body, sound or spoilt, and say in the headers what it is; None: as the description says."""
    if case.method.upper() != "POST" or random.random() < 0.3:
        return None
    if case.path in _SOUND:
        headers["content-type"] = "application/json"
        return _perhaps_spoilt(_SOUND[case.path], "json", random)
    name, media_type = "", "application/xml"
    shape: Shape = "xml"
    if case.path in ("/v1/messages/{standard}", "/v1/check/{standard}"):
        name = random.choice(list(MESSAGE_EXCHANGES))
        if random.random() < 0.9:
            case.path_parameters["standard"] = name
        media_type = MESSAGE_EXCHANGES[name].media_types[0]
        shape = "xml" if media_type == "application/xml" else "lines"
    elif case.path == "/v1/quotes/verify":
        headers["content-type"] = "application/json"
        quotes = (*signed_quotes(), *(one.encode() for one in made.quotes))
        signed = _perhaps_spoilt(quotes, "lines", random).decode("utf-8", "replace")
        return msgspec.json.encode({"signed": signed})
    elif case.path == "/v1/returns":
        headers["content-type"] = "application/json"
        returns = (*samples_of("return"), *map(msgspec.json.encode, made.returns))
        return _perhaps_spoilt(returns, "json", random)
    elif case.path in _BODIES:
        name, media_type, shape = _BODIES[case.path]
        if case.path == "/v1/declarations" and random.random() < 0.5:
            name, media_type, shape = random.choice(_OTHER_FORMS)
        if case.path == "/v1/lists/{kind}":
            case.query = {**(case.query or {}), "name": LIST_NAME}
            case.path_parameters["kind"] = LIST_KIND
    else:
        return None
    headers["content-type"] = media_type
    return _perhaps_spoilt(samples_of(name), shape, random)


def _perhaps_spoilt(samples: tuple[bytes, ...], shape: Shape, random: Random) -> bytes:
    content = random.choice(samples) if random.random() < 0.3 else spoil(samples, shape, random)
    # Nobody outside is to be told of a campaign, whatever the address was spoilt to.
    return content if NOWHERE.encode() in content else content.replace(b"https://", b"https:")
