"""Quotes as promises: signed, numbered, ending, and kept here as a commitment before anybody is told."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec

from serai.evidence.notes import name_key
from serai.foundation.id_text import format_ids
from serai.foundation.jws import PublishedKey, encode_part, publish_key, sign_compact
from serai.journey.quotes.answer import CiteAs, NotOffered, Offer, QuoteOut
from serai.journey.quotes.question import Answered
from serai.journey.quotes.request import texts
from serai.journey.recording.quote_facts import write_reference
from serai.journey.revenue import quote_store
from serai.journey.revenue.quote_store import Promise
from serai.journey.services import Services
from serai.model.documents import Consignment
from serai.model.errors import SeraiError
from serai.model.quote import QuotedCharge, QuotedLine, QuoteTerms

SIGNED_KIND: Final = "serai-quote"
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


class Promises:
    """Signs quotes and keeps their commitments, before anybody is told."""

    def __init__(self, services: Services, administration_code: str) -> None:
        self.services = services
        self.administration_code = administration_code
        self._kid = name_key(services.log_origin, services.signer)

    @property
    def published_key(self) -> PublishedKey:
        """The key that quotes are signed with, for those who verify."""
        return publish_key(self.services.signer.public_key, self._kid)

    async def promise_all(self, answers: Sequence[Answered]) -> list[QuoteOut | SeraiError]:
        """Return quotes with their offers, or with why there is none; all are kept in one commit.

        Where the database fails, each quote's place holds the error.
        """
        at, rules = self.services.clock.now(), self.services.quote_rules
        ends = [_end_of_offer(one, at, rules.valid_days) for one in answers]
        refusals = [_refusal(one, at, end) for one, end in zip(answers, ends, strict=True)]
        offered = [
            _Offered(one, at, end)
            for one, end, refused in zip(answers, ends, refusals, strict=True)
            if refused is None
        ]
        try:
            offers = iter(await self._keep(offered) if offered else ())
        except SeraiError as fault:
            return [fault] * len(answers)
        return [
            msgspec.structs.replace(one.quote, offer=next(offers))
            if refused is None
            else _not_offered(one, refused)
            for one, refused in zip(answers, refusals, strict=True)
        ]

    async def _keep(self, wanted: Sequence["_Offered"]) -> list[Offer]:
        """Sign and keep: numbers and salts are drawn, and rows written, at once."""
        ids = self.services.ids.take(len(wanted))
        salts = self.services.random_bytes(_SALT_BYTES * len(wanted))
        made = [
            self._make(one, quote_id, text, salts[_SALT_BYTES * place : _SALT_BYTES * (place + 1)])
            for place, (one, quote_id, text) in enumerate(
                zip(wanted, ids.tolist(), format_ids(ids), strict=True)
            )
        ]
        promises = [promise for promise, _ in made]

        async def work(connection: Any) -> None:
            await quote_store.insert_quotes(
                connection, promises, administration_id=self.services.administration_id
            )

        await self.services.database.write_one_statement(work, jitter=self.services.jitter)
        return [offer for _, offer in made]

    def _make(self, one: "_Offered", quote_id: int, number: str, salt: bytes) -> tuple[Promise, Offer]:
        rules, answer, party_id = self.services.quote_rules, one.answer, one.answer.question.party_id
        assert party_id is not None, "a promise is made to somebody"
        terms = terms_of(answer, rules.value_tolerance_ppm, rules.mass_tolerance_ppm)
        content = SignedQuote(
            self.services.log_origin,
            self.administration_code,
            number,
            int(one.at.timestamp()),
            int(one.expires_at.timestamp()),
            encode_part(salt),
            terms,
            msgspec.structs.replace(answer.quote, reasons=[], missing=[], next_change=None),
        )
        payload = _ENCODER.encode(content)
        commitment = hashlib.sha256(payload).digest()
        offer = Offer(
            number,
            one.expires_at,
            CiteAs(rules.document_type_code, write_reference(number, commitment)),
            rules.value_tolerance_ppm,
            rules.mass_tolerance_ppm,
            sign_compact(payload, self.services.signer, kid=self._kid, typ=SIGNED_KIND),
        )
        promise = Promise(quote_id, party_id, commitment, terms, answer.generation_id, one.at, one.expires_at)
        return promise, offer


class _Offered(NamedTuple):
    """A quote to be promised until an instant."""

    answer: Answered
    at: dt.datetime
    expires_at: dt.datetime


def _not_offered(answer: Answered, why: str) -> QuoteOut:
    said = texts(answer.question.language)
    told = NotOffered(why, said[why], said[f"{why}_remedy"])
    return msgspec.structs.replace(answer.quote, not_offered=told)


def terms_of(answer: Answered, value_tolerance_ppm: int, mass_tolerance_ppm: int) -> QuoteTerms:
    """Return what a declaration must agree with for this quote to bind."""
    quote, document = answer.quote, answer.question.document
    charges = [
        QuotedCharge(place, one.rule_id, one.due, one.amount, one.currency_code, one.debtor)
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
        law="+".join(one.code for one in quote.law),
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
