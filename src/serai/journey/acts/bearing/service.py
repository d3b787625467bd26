"""A declaration of bearing: whoever paid says to whom it was passed on, so that what is repaid one day finds
that person and not a broker."""

import msgspec

from serai.foundation.id_text import format_id
from serai.foundation.vault.pseudonyms import Pseudonymiser, Purpose
from serai.journey.acts.case_acts import ActDone, Connection, do_once, done_of, find_case
from serai.journey.consignments.act_records import select_act_by_reference, select_family_acts
from serai.journey.documents.not_found import not_found
from serai.journey.documents.submission import Sender
from serai.journey.processing.transaction import Processor
from serai.journey.recording.bearing import BEARING, select_bearings
from serai.journey.recording.payment_entries import ENTERED_KINDS
from serai.model.acts import SECURING, Act
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText
from serai.model.money import format_minor
from serai.model.names.normalised import normalise_names


class BearingDeclared(msgspec.Struct, frozen=True, kw_only=True):
    """What is declared. payment_act_id: of the payment it is about. name, postcode, country_code: of who bore
    it: personal data. Amounts in minor units: passed on of duty and tax, and the payer's own fee."""

    reference: str
    payment_act_id: int
    name: str
    postcode: str
    country_code: str
    currency_code: str
    amount_minor: int
    fee_minor: int


async def declare_bearing(
    processor: Processor, sender: Sender, case_id: int, said: BearingDeclared
) -> ActDone:
    """Record to whom a payment was passed on: by whoever paid, or an officer. The same again is harmless; it
    is taken back by a reversal. Of a payment no more is passed on than it was. Raises SeraiError `not-found`
    (also of a payment of another), `bearing-exceeds-payment`, `mark-currency-differs`, `reference-reused`.
    """
    services, at = processor.services, processor.services.clock.now()
    key = {"administration_id": services.administration_id}

    async def work(connection: Connection) -> ActDone:
        case = await find_case(processor, connection, sender, case_id)
        payment = await _payment_of(connection, case.root, sender, said.payment_act_id, **key)
        before = await select_act_by_reference(connection, sender.party_id, said.reference, **key)
        if before is None:
            await _require_left(connection, case.root, payment, said, **key)
        act_id = int(services.ids.take(1)[0])
        act = Act(
            act_id=act_id,
            case_id=case.root,
            kind=BEARING,
            subject_id=case.root,
            party_id=sender.party_id,
            acting_user=sender.acting_user,
            on_behalf_of=_behalf(sender, payment),
            at=at,
            leaf_id=act_id,
            parameters={
                "payment": format_id(said.payment_act_id),
                "bearer": pseudonym_of(services.pseudonymiser, said).hex(),
                "currency_code": said.currency_code,
                "amount_minor": said.amount_minor,
                "fee_minor": said.fee_minor,
            },
            reference=said.reference,
        )
        words = "\n".join((said.name, said.postcode, said.country_code))
        done = await do_once(processor, connection, act, words, event="")
        return done_of(done, case.root)

    done: ActDone = await processor.write(work)
    return done


def pseudonym_of(pseudonymiser: Pseudonymiser, said: BearingDeclared) -> bytes:
    """Return under what a person who bore something is counted: the same name, postcode and country is the
    same person."""
    (name,) = normalise_names([said.name])
    plain = "|".join(("bearer", name, said.postcode.upper().replace(" ", ""), said.country_code))
    return pseudonymiser.pseudonyms(Purpose.MATCH, [plain.encode()])[0]


def _payer_of(payment: Act) -> int:
    return payment.party_id if payment.on_behalf_of is None else payment.on_behalf_of


def _behalf(sender: Sender, payment: Act) -> int | None:
    payer = _payer_of(payment)
    return None if payer == sender.party_id else payer


async def _payment_of(
    connection: Connection, root: int, sender: Sender, act_id: int, *, administration_id: int
) -> Act:
    """Return a payment that stands in a case and that the sender made. Raises SeraiError `not-found`."""
    kinds = [kind for kind in ENTERED_KINDS if kind not in SECURING]
    for _, done in await select_family_acts(connection, [root], kinds, administration_id=administration_id):
        is_own = sender.party_id in (done.act.party_id, _payer_of(done.act))
        if done.act.act_id == act_id and done.reversed_by is None and (is_own or "officer" in sender.roles):
            return done.act
    raise not_found()


async def _require_left(
    connection: Connection, root: int, payment: Act, said: BearingDeclared, *, administration_id: int
) -> None:
    declared = await select_bearings(connection, [root], administration_id=administration_id)
    before = sum(one.amount_minor for one in declared[root] if one.payment_act_id == payment.act_id)
    currency, paid = payment.parameters["currency_code"], payment.parameters["amount_minor"]
    if said.currency_code != currency:
        raise SeraiError(
            "mark-currency-differs",
            "This payment is in another currency.",
            MessageText("State it in {currency_code}.", currency_code=currency),
        )
    if said.amount_minor + before > paid:
        raise SeraiError(
            "bearing-exceeds-payment",
            MessageText(
                "Of this payment {currency_code} {left} is left that can be passed on.",
                currency_code=currency,
                left=format_minor(paid - before, currency),
            ),
            "State what of duty and tax was passed on; a fee of your own goes into fee_amount.",
        )
