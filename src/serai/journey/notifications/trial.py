"""A test event: sent at once to one webhook, signed like any other, so that its receiver can be tried.

It is in no feed and moves no cursor. The try is written down among the others of the webhook.
"""

import ssl
import time
from typing import Final

from serai.foundation.access.rate_limit import RateLimit
from serai.foundation.http.problems import RetryLaterError
from serai.foundation.id_text import format_id
from serai.journey.case_records.answers import EventOut
from serai.journey.notifications import store
from serai.journey.notifications.sending import Sender
from serai.journey.notifications.service import WebhookService
from serai.journey.notifications.signing import sign_headers, write_message

TEST_KIND: Final = "test"
_LIMIT: Final = RateLimit(per_second=0.2, burst=5)


async def send_test_event(
    service: WebhookService, party_id: int, webhook_id: int, *, tls: ssl.SSLContext | None = None
) -> store.TryRow:
    """Send a test event and return what became of it. A webhook that is off is tried, too, and stays off.

    tls: as in Sender. Raises `webhook-unknown`, RetryLaterError `rate-limited`.
    """
    row = await service.find_webhook(party_id, webhook_id)
    wait_s = _LIMIT.take(f"party:{party_id}", time.monotonic())
    if wait_s > 0:
        raise RetryLaterError(
            "rate-limited",
            "Too many test events in a row.",
            "Wait as Retry-After says.",
            retry_after_s=int(wait_s) + 1,
        )
    event_id, at = service.take_id(), service.clock.now()
    event = EventOut(event_id=format_id(event_id), kind=TEST_KIND, case_id="", at=at)
    body = write_message(event)
    headers = sign_headers(service.open_secrets(row, at), event.event_id, body, at)
    async with Sender(row.url, service.reach, timeout_ms=service.settings.try_ms, tls=tls) as sender:
        sent = await sender.send(body, headers)
    told = store.TryRow(service.take_id(), event_id, 1, sent.outcome, sent.status, sent.duration_ms, at)
    values = {
        "try_id": told.try_id,
        "administration_id": service.administration_id,
        "webhook_id": webhook_id,
        "event_id": event_id,
        "try_number": 1,
        "outcome": sent.outcome,
        "status": sent.status,
        "duration_ms": sent.duration_ms,
        "at": at,
    }
    async with service.database.write() as connection:
        await store.execute(connection, "insert_try", values)
    return told
