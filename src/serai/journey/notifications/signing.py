"""The message that tells an event, and its signature (Standard Webhooks 1.0: HMAC-SHA256, `v1`)."""

import base64
import datetime as dt
from collections.abc import Sequence
from typing import Final

import msgspec
from standardwebhooks import Webhook

from serai.journey.case_records.answers import EventOut

SECRET_BYTES: Final = 24


class WebhookMessage(msgspec.Struct, frozen=True):
    """The body. type: kind of event. timestamp: when it happened. data: the event, as the feed tells it."""

    type: str
    timestamp: dt.datetime
    data: EventOut


def make_secret(random_bytes: bytes) -> str:
    """Write a secret as receivers' libraries read it: `whsec_` and base64. random_bytes: SECRET_BYTES."""
    assert len(random_bytes) == SECRET_BYTES, "a secret has 192 bits"
    return f"whsec_{base64.b64encode(random_bytes).decode()}"


def write_message(event: EventOut) -> bytes:
    """Write the body of one event: the same bytes at every try."""
    return msgspec.json.encode(WebhookMessage(event.kind, event.at, event))


def sign_headers(secrets: Sequence[str], event_id: str, body: bytes, at: dt.datetime) -> dict[str, str]:
    """Return the headers of a try at an instant. secrets: while one is replaced, both sign."""
    signatures = [Webhook(secret).sign(event_id, at, body.decode()) for secret in secrets]
    return {
        "content-type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
