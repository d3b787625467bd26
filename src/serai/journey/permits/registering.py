"""Issuing, bringing and revoking permits."""

import hashlib
from datetime import timedelta
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from serai.formats.sps_certificate import SpsCertificateError, read_sps_certificate
from serai.foundation.access.administering import ActingUser
from serai.foundation.access.registry import find_party
from serai.foundation.id_text import parse_id
from serai.foundation.jws import read_compact
from serai.foundation.vault.pseudonyms import Pseudonymiser, Purpose
from serai.journey.permits import store
from serai.journey.permits.permit import Permit, PermitSource
from serai.journey.permits.wording import ECERT_TYPE, SIGNED_TYPE, PermitHolder, PermitTerms, SignedPermit
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText
from serai.model.money import MICRO_PLACES, PLACES, read_decimals

Connection = AsyncConnection[Any]
_SIGNED: Final = msgspec.json.Decoder(SignedPermit)


async def issue_permit(
    connection: Connection,
    by: ActingUser,
    party_id: int,
    terms: PermitTerms,
    pseudonymiser: Pseudonymiser,
    *,
    source: PermitSource = "issued",
) -> tuple[Permit, bool]:
    """Register a permit of an agency in the caller's transaction; return it, and whether it is new.

    The same again finds the same. Raises SeraiError `permit-faulty`, `party-unknown`, `reference-reused`.
    """
    permit = await _permit_of(connection, by, party_id, terms, pseudonymiser=pseudonymiser, source=source)
    stands = await store.insert_permit(connection, permit, administration_id=by.administration_id)
    if stands.content_hash != permit.content_hash:
        raise SeraiError(
            "reference-reused",
            MessageText("Another permit is registered under the number {number}.", number=terms.number),
            "Give it a number of its own; to change a permit, revoke it and issue another.",
        )
    return stands, stands.permit_id == permit.permit_id


async def bring_permit(
    connection: Connection,
    by: ActingUser,
    signed: str,
    pseudonymiser: Pseudonymiser,
    *,
    administration_code: str,
    agency_id: int | None = None,
) -> tuple[Permit, bool]:
    """Register a permit that somebody brings, as its agency signed it; return it, and whether it is new.

    signed: a JSON Web Signature in compact form. agency_id: whose it has to be; None: any agency's.
    Raises SeraiError `permit-unreadable`, `permit-signature-unknown` where no key in force of an agency here
    signed it, `permit-for-another-administration`, and those of `issue_permit`.
    """
    content = read_compact(signed)
    if content is None or content.typ not in (SIGNED_TYPE, ECERT_TYPE):
        raise _unreadable(
            MessageText(
                "Send a JSON Web Signature in compact form, with alg Ed25519 and typ {signed} or {ecert}.",
                signed=SIGNED_TYPE,
                ecert=ECERT_TYPE,
            )
        )
    key = await store.select_key(connection, content.kid, administration_id=by.administration_id)
    # A key of another agency, an ended one and one that nobody knows are told apart to nobody.
    if (
        key is None
        or not key.is_in_force(by.at)
        or (agency_id is not None and key.party_id != agency_id)
        or not content.is_signed_by(key.public_key)
    ):
        raise SeraiError(
            "permit-signature-unknown",
            "No key of an agency that is registered here has signed this permit.",
            "Ask the agency that issued it to sign it with its key, or to enter it here itself.",
        )
    if content.typ == ECERT_TYPE:
        terms = _terms_of_certificate(content.payload, key.certificate_valid_days)
        return await issue_permit(connection, by, key.party_id, terms, pseudonymiser, source="ecert")
    try:
        said = _SIGNED.decode(content.payload)
    except msgspec.MsgspecError as fault:
        raise _unreadable("The content is not a permit as POST /v1/permits describes it.") from fault
    if said.administration != administration_code:
        raise SeraiError(
            "permit-for-another-administration",
            "This permit is for another administration.",
            "Ask the agency for one that is for this administration.",
        )
    return await issue_permit(connection, by, key.party_id, said.permit, pseudonymiser, source="signed")


async def revoke_permit(connection: Connection, by: ActingUser, party_id: int, number: str) -> Permit:
    """Let nothing more be written off of a permit. Again changes nothing. Raises SeraiError `not-found`."""
    key = {"administration_id": by.administration_id}
    before = await store.select_permit(connection, party_id, number, **key)
    if before is None:
        raise SeraiError(
            "not-found", "You have issued no such permit.", "Read GET /v1/permits for those that you have."
        )
    await store.revoke_permit(connection, party_id, number, at=by.at, **key)
    return msgspec.structs.replace(before, revoked_at=before.revoked_at or by.at)


def person_hash(pseudonymiser: Pseudonymiser, identity_number: str) -> bytes:
    """Return the keyed hash by which a person holds a permit: of the signs of a number of identity."""
    signs = "".join(sign for sign in identity_number.upper() if sign.isalnum())
    return pseudonymiser.pseudonyms(Purpose.QUOTA, [f"permit:{signs}".encode()])[0]


async def _permit_of(
    connection: Connection,
    by: ActingUser,
    party_id: int,
    terms: PermitTerms,
    *,
    pseudonymiser: Pseudonymiser,
    source: PermitSource,
) -> Permit:
    if terms.valid_to <= terms.valid_from:
        raise _faulty("See to it that valid_to is later than valid_from.")
    if (terms.quantity is None) != (terms.quantity_unit_code is None):
        raise _faulty("State quantity and quantity_unit_code together.")
    if (terms.value is None) != (terms.currency_code is None):
        raise _faulty("State value and currency_code together.")
    holder_party_id, holder_hash = await _holder(connection, by, terms.holder, pseudonymiser)
    return Permit(
        permit_id=by.take_id(),
        party_id=party_id,
        number=terms.number,
        type_code=terms.type_code,
        source=source,
        holder_kind=terms.holder.kind,
        holder_party_id=holder_party_id,
        holder_hash=holder_hash,
        quantity_micro=None if terms.quantity is None else _decimal(terms.quantity, MICRO_PLACES),
        quantity_unit_code=terms.quantity_unit_code,
        value_minor=_value(terms),
        currency_code=terms.currency_code,
        commodity_codes=tuple(dict.fromkeys(terms.commodity_codes)),
        goods_kind_codes=tuple(dict.fromkeys(terms.goods_kind_codes)),
        territory_codes=tuple(dict.fromkeys(terms.territory_codes)),
        valid_from=terms.valid_from,
        valid_to=terms.valid_to,
        registered_at=by.at,
        content_hash=_content_hash(terms, holder_hash),
    )


def _content_hash(terms: PermitTerms, holder_hash: bytes | None) -> bytes:
    """Hash what a permit says; of a number of identity only what it is stored as."""
    said = msgspec.structs.replace(terms, holder=msgspec.structs.replace(terms.holder, identity_number=None))
    return hashlib.sha256(msgspec.json.encode(said) + (holder_hash or b"")).digest()


async def _holder(
    connection: Connection, by: ActingUser, holder: PermitHolder, pseudonymiser: Pseudonymiser
) -> tuple[int | None, bytes | None]:
    stated = {name for name in ("party", "identity_number") if getattr(holder, name) is not None}
    needed = {"bearer": set(), "party": {"party"}, "person": {"identity_number"}}[holder.kind]
    if stated != needed:
        raise _faulty("State party for the kind party, identity_number for the kind person, else neither.")
    if holder.party is not None:
        try:
            party_id = parse_id(holder.party)
        except SeraiError as fault:
            raise _faulty("See to it that party names a registered party.") from fault
        await find_party(connection, by.administration_id, party_id)
        return party_id, None
    if holder.identity_number is not None:
        return None, person_hash(pseudonymiser, holder.identity_number)
    return None, None


def _value(terms: PermitTerms) -> int | None:
    if terms.value is None or terms.currency_code is None:
        return None
    places = PLACES.get(terms.currency_code)
    if places is None:
        raise _faulty("See to it that currency_code is a currency of ISO 4217.")
    return _decimal(terms.value, places)


def _decimal(text: str, places: int) -> int:
    numbers, good = read_decimals([text])
    micro = int(numbers[0])
    step = 10 ** (MICRO_PLACES - places)
    if not good[0] or micro % step:
        raise _faulty(
            "See to it that quantity and value are decimals, value with the places of its currency."
        )
    return int(micro // step)


def _terms_of_certificate(content: bytes, valid_days: int | None) -> PermitTerms:
    """Return what an SPS certificate says as a permit: for whoever names it. valid_days: how long it is good,
    which it does not say itself; None: its agency has said that none of its certificates is taken."""
    if valid_days is None:
        raise _unreadable("SPS certificates under this key are not taken here: ask the agency for a permit.")
    try:
        said = read_sps_certificate(content)
        return msgspec.convert(
            {
                "number": said.number,
                "type_code": said.document_code,
                "holder": {"kind": "bearer"},
                "commodity_codes": said.commodity_codes,
                "territory_codes": [] if said.import_country_code is None else [said.import_country_code],
                "quantity": said.net_mass_kg,
                "quantity_unit_code": "KGM",
                "valid_from": said.issued_at,
                "valid_to": said.issued_at + timedelta(days=valid_days),
            },
            PermitTerms,
        )
    except (SpsCertificateError, msgspec.ValidationError) as fault:
        raise _unreadable(MessageText("The certificate cannot be read: {why}.", why=str(fault))) from fault


def _unreadable(next_step: str) -> SeraiError:
    return SeraiError("permit-unreadable", "This permit cannot be read.", next_step)


def _faulty(next_step: str) -> SeraiError:
    return SeraiError("permit-faulty", "This permit is not as it should be.", next_step)
