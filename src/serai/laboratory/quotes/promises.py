"""Quotes as promises: signed, numbered, ending, and kept here as a commitment before anybody is told."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

import msgspec

from serai.evidence.notes import Signer, key_id
from serai.foundation.batcher import Batcher
from serai.foundation.id_text import format_ids
from serai.foundation.jws import PublishedKey, encode_part, publish_key, sign_compact
from serai.foundation.metrics import Metrics
from serai.journey.clearance.equipment import Equipment
from serai.journey.clearance.quote_facts import write_reference
from serai.journey.settle import quote_store
from serai.journey.settle.quote_store import Promise
from serai.laboratory.quotes.answer import CiteAs, NotOffered, Offer, QuoteOut
from serai.laboratory.quotes.desk import Answered, reporter
from serai.laboratory.quotes.request import texts
from serai.model.documents import Consignment
from serai.model.errors import SeraiError
from serai.model.quote import QuotedCharge, QuotedLine, QuoteTerms

SIGNED_KIND: Final = "serai-quote"
MAX_ROWS_COUNT: Final = 1_000
MAX_WAIT_MS: Final = 1.0
QUEUE_LIMIT_COUNT: Final = 20_000
_SALT_BYTES: Final = 16


class SignedQuote(msgspec.Struct, frozen=True):
    """What is signed. iss: name of the log whose key signs; administration: who promises; jti: the quote's
    number; iat, exp: seconds since 1970 (RFC 7519). salt: nobody can guess the hash of the whole.
    """

    iss: str
    administration: str
    jti: str
    iat: int
    exp: int
    salt: str
    terms: QuoteTerms
    quote: QuoteOut


_ENCODER: Final = msgspec.json.Encoder()


class PromiseDesk:
    """Signs quotes and keeps their commitments; quotes of many requests share a commit.

    Use with `async with`.
    """

    def __init__(self, equipment: Equipment, administration_code: str, metrics: Metrics) -> None:
        self.equipment = equipment
        self.administration_code = administration_code
        self._kid = name_key(equipment.log_origin, equipment.signer)
        self._batcher: Batcher[Sequence[_Offered], list[Offer]] = Batcher(
            self._keep,
            max_rows_count=MAX_ROWS_COUNT,
            max_wait_ms=MAX_WAIT_MS,
            queue_limit_count=QUEUE_LIMIT_COUNT,
            report_fault=reporter(metrics),
        )

    async def __aenter__(self) -> Self:
        """Begin to keep promises."""
        await self._batcher.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Keep what waits, and end."""
        await self._batcher.__aexit__(kind, fault, trace)

    @property
    def published_key(self) -> PublishedKey:
        """The key that quotes are signed with, for those who verify."""
        return publish_key(self.equipment.signer.public_key, self._kid)

    async def promise_all(
        self, answers: Sequence[Answered | SeraiError], party_id: int, language: str
    ) -> list[QuoteOut | SeraiError]:
        """Return quotes with their offers once these are kept; faults stay in their places.

        Raises SeraiError `busy`, `database-unreachable`.
        """
        at = self.equipment.clock.now()
        quotes: list[QuoteOut | SeraiError] = []
        offered: list[tuple[int, _Offered]] = []
        for place, answer in enumerate(answers):
            if not isinstance(answer, Answered):
                quotes.append(answer)
                continue
            expires_at = _end_of_offer(answer, at, self.equipment.quote_rules.valid_days)
            refused = _refusal(answer, at, expires_at)
            quotes.append(answer.quote if refused is None else _not_offered(answer.quote, refused, language))
            if refused is None:
                offered.append((place, _Offered(answer, party_id, at, expires_at)))
        if offered:
            offers = await self._batcher.submit([one for _, one in offered], len(offered))
            for (place, one), offer in zip(offered, offers, strict=True):
                quotes[place] = msgspec.structs.replace(one.answer.quote, offer=offer)
        return quotes

    async def _keep(self, batch: list[Sequence["_Offered"]]) -> Sequence[list[Offer]]:
        """Sign and keep what many requests want together: numbers and salts are drawn, and rows written, at
        once.
        """
        wanted = [one for some in batch for one in some]
        ids = self.equipment.ids.take(len(wanted))
        salts = self.equipment.random_bytes(_SALT_BYTES * len(wanted))
        made = [
            self._make(one, quote_id, text, salts[_SALT_BYTES * place : _SALT_BYTES * (place + 1)])
            for place, (one, quote_id, text) in enumerate(
                zip(wanted, ids.tolist(), format_ids(ids), strict=True)
            )
        ]
        promises = [promise for promise, _ in made]

        async def work(connection: Any) -> None:
            await quote_store.insert_quotes(
                connection, promises, administration_id=self.equipment.administration_id
            )

        await self.equipment.database.write_again(work, jitter=self.equipment.jitter)
        offers = iter([offer for _, offer in made])
        return [[next(offers) for _ in some] for some in batch]

    def _make(self, one: "_Offered", quote_id: int, number: str, salt: bytes) -> tuple[Promise, Offer]:
        rules, answer = self.equipment.quote_rules, one.answer
        terms = terms_of(answer, rules.value_tolerance_ppm, rules.mass_tolerance_ppm)
        content = SignedQuote(
            self.equipment.log_origin,
            self.administration_code,
            number,
            int(one.at.timestamp()),
            int(one.expires_at.timestamp()),
            encode_part(salt),
            terms,
            msgspec.structs.replace(answer.quote, rules=[], missing=[], next_change=None),
        )
        payload = _ENCODER.encode(content)
        commitment = hashlib.sha256(payload).digest()
        offer = Offer(
            number,
            one.expires_at,
            CiteAs(rules.document_type_code, write_reference(number, commitment)),
            rules.value_tolerance_ppm,
            rules.mass_tolerance_ppm,
            sign_compact(payload, self.equipment.signer, kid=self._kid, typ=SIGNED_KIND),
        )
        promise = Promise(
            quote_id, one.party_id, commitment, terms, answer.generation_id, one.at, one.expires_at
        )
        return promise, offer


class _Offered(NamedTuple):
    """A quote to be promised to a party until an instant."""

    answer: Answered
    party_id: int
    at: dt.datetime
    expires_at: dt.datetime


def _not_offered(quote: QuoteOut, why: str, language: str) -> QuoteOut:
    said = texts(language)
    return msgspec.structs.replace(quote, not_offered=NotOffered(why, said[why], said[f"{why}_remedy"]))


def name_key(origin: str, signer: Signer) -> str:
    """Return the `kid` of a log's key: name and id, as its verifier line begins."""
    return f"{origin}+{key_id(origin, signer.public_key).hex()}"


def terms_of(answer: Answered, value_tolerance_ppm: int, mass_tolerance_ppm: int) -> QuoteTerms:
    """Return what a declaration must agree with for this quote to bind."""
    quote, document = answer.quote, answer.document
    charges = [
        QuotedCharge(place, one.rule_id, one.due, one.amount, one.currency_code)
        for place, some in ((0, quote.charges), *((i.sequence_number, i.charges) for i in quote.goods_items))
        for one in some
        if one.kind != "claim" and not one.is_waived
    ]
    return QuoteTerms(
        lines=_lines_of(document),
        charges=charges,
        stated=answer.stated,
        freight_amount=document.freight_amount or "0",
        insurance_amount=document.insurance_amount or "0",
        discount_amount=document.discount_amount or "0",
        charges_currency_code=document.charges_currency_code or "",
        assumed=sorted({one.code for one in quote.assumptions}),
        law=quote.law or "",
        basis=quote.basis or "",
        value_tolerance_ppm=value_tolerance_ppm,
        mass_tolerance_ppm=mass_tolerance_ppm,
    )


def _lines_of(document: Consignment) -> list[QuotedLine]:
    return [
        QuotedLine(
            one.sequence_number,
            one.commodity_code,
            one.origin_country_code,
            one.quantity,
            one.quantity_unit_code,
            one.invoice_amount,
            one.invoice_currency_code,
            one.gross_mass_kg,
            one.preference_code,
        )
        for one in document.goods_items
    ]


def _end_of_offer(answer: Answered, at: dt.datetime, valid_days: int) -> dt.datetime:
    """A promise does not outlive the law it rests on, as far as its next change is known."""
    ends = [at + dt.timedelta(days=valid_days)]
    if answer.changes_at is not None:
        ends.append(answer.changes_at)
    return min(ends).replace(microsecond=0)


def _refusal(answer: Answered, at: dt.datetime, expires_at: dt.datetime) -> str | None:
    """Return why a quote cannot be promised: a word among the sentences of quotes."""
    if not answer.quote.is_complete:
        return "not_complete"
    if answer.quote.valid_until <= at:
        return "day_is_past"
    if answer.quote.valid_until - dt.timedelta(days=1) > expires_at or expires_at <= at:
        return "day_is_far"
    return None
