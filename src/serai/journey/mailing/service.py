"""Notices are queued in the transaction of what they tell: what is rolled back is never written about."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal, NamedTuple

import msgspec

from serai.foundation.id_text import format_id
from serai.foundation.sealed_secrets import SecretSeal
from serai.journey.mailing import store
from serai.journey.mailing.addresses import read_email, read_phone
from serai.journey.mailing.composing import From, Sealed
from serai.journey.mailing.numbers import make_check, read_number, write_number
from serai.journey.mailing.sending import Transport
from serai.journey.mailing.store import Connection
from serai.journey.mailing.templates import Parameters, language_near, parameters_of, version_of
from serai.journey.services import Services

SEND_WITHIN: Final = timedelta(days=3)
TOKEN_BYTES: Final = 15

Means = Literal["email", "phone"]


class Recipient(NamedTuple):
    """To whom a notice goes."""

    means: Means
    address: str


class Queued(NamedTuple):
    """A notice that will be sent. number: as its message shows it."""

    notice_id: int
    number: str


@dataclass(frozen=True, slots=True)
class Mailing:
    """Writes notices for one administration. transport: that hands them over; seal: of to whom they go."""

    services: Services
    seal: SecretSeal
    transport: Transport
    writer: From
    phone_domain: str = ""

    def recipient(self, *, email: str | None, phone: str | None) -> Recipient | None:
        """Return where a person can be written to, as it was declared; None: nowhere."""
        address = read_email(email or "")
        if address is not None:
            return Recipient("email", address)
        number = read_phone(phone or "", self.phone_domain)
        return None if number is None else Recipient("phone", number)

    async def queue(
        self,
        connection: Connection,
        kind: str,
        to: Recipient,
        *,
        language: str,
        parameters: Parameters | None = None,
        case_id: int | None = None,
        send_within: timedelta = SEND_WITHIN,
    ) -> Queued:
        """Queue a notice, as `queue_notice`."""
        return await queue_notice(
            self.services,
            connection,
            kind,
            to,
            seal=self.seal,
            language=language,
            parameters=parameters,
            case_id=case_id,
            send_within=send_within,
        )

    async def is_ours(self, typed: str) -> bool:
        """Say whether a message with this number went out from here; nothing else of it is told."""
        shown = read_number(typed)
        async with self.services.database.write() as connection:
            return await store.is_ours(
                connection,
                0 if shown is None else shown.notice_id,
                "" if shown is None else shown.check_text,
                administration_id=self.services.administration_id,
            )


class OfAct(NamedTuple):
    """The act that a notice tells of, and to whose people it goes."""

    act_id: int
    party_id: int


async def queue_notice(
    services: Services,
    connection: Connection,
    kind: str,
    to: Recipient,
    *,
    seal: SecretSeal,
    language: str,
    parameters: Parameters | None = None,
    case_id: int | None = None,
    about: OfAct | None = None,
    send_within: timedelta = SEND_WITHIN,
) -> Queued:
    """Queue a notice; it is sent once the caller's transaction has committed.

    kind: of `templates`. parameters: those of the kind, and nothing of a person beside. case_id, about: what
    it tells of. What became of it tells `store.select_deliveries`.
    """
    given = dict(parameters or {})
    assert given.keys() == parameters_of(kind), f"a notice of kind {kind} has other parameters"
    at = services.clock.now()
    notice_id = int(services.ids.take(1)[0])
    check_text, written = make_check(), language_near(language)
    content = msgspec.json.encode(Sealed(to.address, given)).decode()
    values = {
        "notice_id": notice_id,
        "administration_id": services.administration_id,
        "case_id": case_id,
        "act_id": None if about is None else about.act_id,
        "party_id": None if about is None else about.party_id,
        "kind": kind,
        "means": to.means,
        "language": written,
        "words_version": version_of(kind, written),
        "sealed": seal.seal(content, context_of(notice_id)),
        "check_text": check_text,
        # Hexadecimal: the local part of an address, and what servers leave as it is.
        "return_token": secrets.token_hex(TOKEN_BYTES),
        "state": "queued",
        "at": at,
        "send_by": at + send_within,
    }
    await store.execute(connection, "insert_notice", values)
    return Queued(notice_id, write_number(notice_id, check_text))


def context_of(notice_id: int) -> bytes:
    """Return what a notice's content is sealed for: moved to another row, it does not open."""
    return f"notice {format_id(notice_id)}".encode()
