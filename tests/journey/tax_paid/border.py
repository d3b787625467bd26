"""A border that believes an issuer: keys, scheme numbers and tokens of parcels, on a node of the tests."""

import datetime as dt
import itertools
from typing import Any

import numpy as np

from serai.app import Node
from serai.foundation.access.administering import ActingUser
from serai.foundation.jws import encode_part
from serai.journey.assessment.store import make_component
from serai.journey.law_in_force.service import derive_law, load_law
from serai.journey.tax_paid.status_list import pack_statuses
from serai.journey.tax_paid.token import Paid, PaidItem, StatusReference, issue_token, make_claims
from serai.journey.tax_paid.trust.service import (
    KeyTerms,
    SchemeTerms,
    register_key,
    register_scheme,
    require_tokens,
    take_list,
)
from serai.journey.tax_paid.trust.store import Scheme
from serai.journey.tax_paid.trusted import sign_list
from tests.journey.processing.support import parcel
from tests.journey.tax_paid.tokens import SIGNER, Signer

ISSUER, KID, URI = "log.market.example/paid", "market-1", "https://market.example/status/1"
NUMBER, OTHER_NUMBER = "IM3720000224", "IM2760000742"
HOLDER = 2
DAY = dt.timedelta(days=1)
_IDS = itertools.count(1)


def hand(node: Node) -> ActingUser:
    return ActingUser(
        node.administration_id, "operator:test", node.clock.now(), lambda: int(node.ids.take(1)[0])
    )


async def open_border(node: Node, *, tokens_from: dt.date | None = None, holder: int = HOLDER) -> Scheme:
    """Register two numbers of IOSS in the law, the issuer's key and list, and who holds the first number."""
    async with node.database.write_as_owner() as connection:  # of an earlier test
        await connection.execute("DELETE FROM token_issuer_key")
        await connection.execute("DELETE FROM token_status_list")
    lines = [f"IOSS,{number},2021-07-01,," for number in (NUMBER, OTHER_NUMBER)]
    register = "\n".join(["kind,number,valid_from,valid_to,filers", *lines, ""])
    one = make_component("scheme-register", "ioss.csv", register.encode())
    database, at = node.database, node.clock.now()
    await derive_law(database, node.administration_id, at, "numbers", lambda present: [*present, one])
    node.processor.law = await load_law(database, node.administration_id, at)
    await add_key(node)
    await add_list(node)
    async with database.write() as connection:
        terms = SchemeTerms(holder, "IOSS", NUMBER, None)
        scheme, _ = await register_scheme(connection, hand(node), terms)
        by = hand(node)
        scheme = await require_tokens(connection, by, scheme.scheme_id, tokens_from, party_id=holder)
    await node.processor.trust.refresh(database)
    return scheme


async def add_key(
    node: Node, kid: str = KID, issuer: str = ISSUER, signer: Signer = SIGNER, **changes: Any
) -> None:
    x = encode_part(signer.public_key)
    terms = {"party_id": HOLDER, "valid_from": node.clock.now() - 30 * DAY, "valid_to": None, **changes}
    async with node.database.write() as connection:
        await register_key(connection, hand(node), KeyTerms(issuer, kid, x, **terms))
    await node.processor.trust.refresh(node.database)


def signed_list(node: Node, *statuses: int, age: dt.timedelta = dt.timedelta(0), **changes: Any) -> str:
    at = node.clock.now() - age
    given: dict[str, Any] = {"uri": URI, "signer": SIGNER, "kid": KID, "ends_at": at + DAY} | changes
    listed = pack_statuses(np.array(statuses or [0] * 1_000, dtype=np.uint8), 2)
    return sign_list(listed, issued_at=at, fetch_again_s=900, **given)


async def add_list(node: Node, content: str | None = None, party_id: int | None = HOLDER) -> bool:
    async with node.database.write() as connection:
        _, is_newer = await take_list(
            connection,
            content or signed_list(node),
            party_id=party_id,
            at=node.clock.now(),
            administration_id=node.administration_id,
            administration_code=node.settings.administration.code,
        )
    await node.processor.trust.refresh(node.database)
    return is_newer


def token_of(node: Node, name: str, *, signer: Signer = SIGNER, kid: str = KID, **changes: Any) -> str:
    """The token of a parcel of that name."""
    at = node.clock.now()
    given: dict[str, Any] = {
        "issuer": ISSUER,
        "administration_code": node.settings.administration.code,
        "number": f"T-{name}",
        "issued_at": at - DAY,
        "expires_at": at + 90 * DAY,
        "scheme_code": "ioss",
        "scheme_number": NUMBER,
        "order_reference": f"ORDER-{name}",
        "currency_code": "EUR",
        "paid": Paid(currency_code="EUR", duty="0.00", tax="4.75"),
        "items": (PaidItem(sequence_number=1, commodity_code="610910", value="25.00", gross_mass_g=150),),
        "status": StatusReference(next(_IDS) % 1_000, URI),
    }
    return issue_token(make_claims(**given | changes), signer, kid)


def cited(name: str, token: str | None = None, number: str = NUMBER, **changes: Any) -> dict[str, Any]:
    """A declaration that cites the number."""
    given = parcel(
        name,
        scheme_kind_code="IOSS",
        additional_fiscal_references=[{"role": "FR5", "identification_number": number}],
        **changes,
    )
    return given if token is None else given | {"tax_paid_token": token}
