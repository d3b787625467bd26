"""The one-time code: eight digits to the contact in the declaration; who types them is who is named there.

It holds for fifteen minutes and five tries, once, and in the session alone for which it was asked.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import msgspec

from serai.foundation.access.secrets import hash_secret, secret_matches
from serai.foundation.access.sign_in_tries import Subject, subject_hash
from serai.foundation.vault.reading import Reach, open_people
from serai.journey.buyers import requests, store
from serai.journey.buyers.service import AtParcel, Buyers, NewSession
from serai.journey.mailing import store as mail_store
from serai.journey.mailing.service import Mailing, Means, Recipient
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

DIGITS_COUNT: Final = 8
CODE_LASTS: Final = timedelta(minutes=15)
TRIES_COUNT_MAX: Final = 5
PURPOSE: Final = "buyer-code"
"""For which the contact is read."""


class CodeSent(NamedTuple):
    """A code is on its way. means: e-mail or telephone. notice: the number of the message."""

    means: Means
    notice: str
    expires_at: datetime


class _Contact(msgspec.Struct, frozen=True):
    email: str | None = None
    phone: str | None = None


_CONTACT: Final = msgspec.json.Decoder(_Contact)


async def send_code(buyers: Buyers, mailing: Mailing, token: str, language: str) -> CodeSent:
    """Send a code to the contact of the person whose parcel it is, or to the one that an officer has put in
    its place.

    Raises SeraiError `buyer-session-ended`, `contact-missing`, RetryLaterError `tries-spent`.
    """
    services = buyers.services
    at_parcel = await buyers.at_parcel(token)
    at = services.clock.now()
    parcel = subject_hash("serai-buyer-code", str(at_parcel.consignment.consignment_id))
    async with services.database.write() as connection:
        await buyers.count(connection, [Subject(parcel, buyers.settings.codes_count)], at)
    recipient = await _find_contact(buyers, mailing, at_parcel, at)
    code = f"{secrets.randbelow(10**DIGITS_COUNT):0{DIGITS_COUNT}}"
    async with services.database.write() as connection:
        queued = await mailing.queue(
            connection,
            "buyer-code",
            recipient,
            language=language,
            parameters={"code": code, "minutes": str(int(CODE_LASTS.total_seconds()) // 60)},
            case_id=at_parcel.consignment.case_id,
            send_within=CODE_LASTS,
        )
        values = {
            "session_id": at_parcel.session.session_id,
            "administration_id": services.administration_id,
            "code_hash": hash_secret(code + token),
            "notice_id": queued.notice_id,
            "expires_at": at + CODE_LASTS,
        }
        await store.execute(connection, "put_code", values)
    return CodeSent(recipient.means, queued.number, at + CODE_LASTS)


async def confirm(buyers: Buyers, token: str, code: str) -> NewSession:
    """Open a session in the place of one whose code was typed. That it was typed proves that it was read.

    Raises SeraiError `buyer-session-ended`, `buyer-code-wrong`, whatever was wrong with it.
    """
    services = buyers.services
    session = (await buyers.at_parcel(token)).session
    at = services.clock.now()
    key: dict[str, Any] = {"administration_id": services.administration_id, "at": at}
    values = key | {"session_id": session.session_id, "tries_count_max": TRIES_COUNT_MAX}
    typed = "".join(sign for sign in code if sign.isdigit())
    async with services.database.write() as connection:
        cursor = await connection.execute(store.QUERIES["take_code_try"].encode(), values)
        row = await cursor.fetchone()
        # Committed, whether it was right or not: the try is taken.
        if row is not None and secret_matches(typed + token, bytes(row[0])):
            await store.execute(connection, "use_code", values)
            await mail_store.settle(connection, "read", notice_id=row[1], **key)
            await buyers.end(connection, token, at)
            return await buyers.open(connection, session, confirmed_at=at)
    raise SeraiError(
        "buyer-code-wrong",
        "This is not the code of this page, or it holds no more.",
        MessageText(
            "Type the {digits_count} digits of the newest message. After {tries_count} wrong tries, or a"
            " quarter of an hour, ask for a new code.",
            digits_count=DIGITS_COUNT,
            tries_count=TRIES_COUNT_MAX,
        ),
    )


async def _find_contact(buyers: Buyers, mailing: Mailing, at_parcel: AtParcel, at: datetime) -> Recipient:
    services = buyers.services
    corrected = await requests.read_corrected_contact(services, at_parcel, at)
    if corrected is not None:
        recipient = mailing.recipient(email=corrected, phone=None)
    else:
        record = at_parcel.session.person_id, at_parcel.session.document_id
        reach = Reach(services.administration_id, PURPOSE, at_parcel.actor, at)
        opened = await open_people(services.database.write, services.keyring, [record], reach)
        contact = _CONTACT.decode(opened[record].value) if record in opened else _Contact()
        recipient = mailing.recipient(email=contact.email, phone=contact.phone)
    if recipient is None:
        raise SeraiError(
            "contact-missing",
            "The declaration of this parcel holds no address that a code can be sent to.",
            "Ask on this page that an officer puts your address there.",
        )
    return recipient
