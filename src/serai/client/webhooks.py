"""Reading webhooks: the signature is checked before anything is believed."""

from collections.abc import Mapping

import msgspec
from standardwebhooks import Webhook
from standardwebhooks.exceptions import WebhookVerificationError

from serai.client.answers import Event
from serai.model.errors import SeraiError


class _Message(msgspec.Struct, frozen=True):
    type: str
    data: Event


def read_webhook(secret: str, headers: Mapping[str, str], body: bytes) -> Event:
    """Return the event that a webhook tells. Answer it with 2xx when you have written it down.

    secret: `whsec_...`. headers: as they came, in whatever case. body: byte for byte as it came.
    Raises SeraiError `webhook-not-genuine` for another signature, a changed body, or a message older or newer
    than five minutes.
    """
    try:
        Webhook(secret).verify(body, dict(headers))
        return msgspec.json.decode(body, type=_Message).data
    except (WebhookVerificationError, msgspec.MsgspecError, ValueError) as fault:
        raise SeraiError(
            "webhook-not-genuine",
            "This message was not signed with this secret, was changed, or is too old.",
            "Answer 400. If genuine ones are refused, compare the secret and the clock.",
        ) from fault
