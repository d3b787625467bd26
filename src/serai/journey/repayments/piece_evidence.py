"""What says of a return which goods come back: mass, serial number, picture and tax-paid token, held against
what was declared. Evidence that contradicts is for an officer, whatever else agrees. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from serai.journey.recall_rules.rules import is_same_picture
from serai.journey.repayments.weighing import wrong_lines
from serai.journey.tax_paid.token import TaxPaid, hash_of_order
from serai.model.documents import Consignment, GoodsItem, Return, ReturnedItem
from serai.model.findings import Finding
from serai.model.money import read_decimals

_ONE_PIECE: Final = 1_000_000


class ReturnToken(NamedTuple):
    """The token of a return. claims: None: it cannot be read. owner_id: of the import whose tax it proved
    here; None: of none."""

    claims: TaxPaid | None
    owner_id: int | None


class BagSerial(NamedTuple):
    """Of which import a serial number is that came in the same bag, and its registration number."""

    consignment_id: int
    mrn: str


class Evidence(NamedTuple):
    """What was found. differences: that contradict, each at its field. wrong: places of lines that they are
    about. agrees: what says that these are the goods, by name."""

    differences: tuple[Finding, ...]
    wrong: frozenset[int]
    agrees: tuple[str, ...]


def find_evidence(
    returned: Return,
    declared: Consignment,
    *,
    consignment_id: int,
    token: ReturnToken | None,
    bag: Mapping[str, BagSerial],
    tolerance_ppm: int,
) -> Evidence:
    """Hold a return against the declaration it names. token: None: it names none. bag: serial numbers, plain,
    of the imports that came back in the same bag."""
    items = {one.sequence_number: one for one in declared.goods_items}
    found: list[Finding] = []
    wrong = set(wrong_lines(returned, declared, tolerance_ppm=tolerance_ppm))
    found += [
        Finding("return-mass-differs", f"/goods_items/{place}/gross_mass_kg", "advice")
        for place in sorted(wrong)
    ]
    agrees: list[str] = []
    for place, one in enumerate(returned.goods_items):
        item = items.get(one.sequence_number)
        if item is None:
            continue
        for name, said in (
            ("serial_number", _serial(one, item, declared, consignment_id, bag)),
            ("picture_hash", _picture(one, item, declared)),
        ):
            if isinstance(said, Finding):
                found.append(_at(said, f"/goods_items/{place}/{name}"))
                wrong.add(place)
            elif said:
                agrees.append(name)
    if token is not None:
        if _is_of(token, declared, consignment_id):
            agrees.append("tax_paid_token")
        else:
            found.append(Finding("return-token-differs", "/tax_paid_token", "advice"))
            wrong.update(range(len(returned.goods_items)))
    return Evidence(tuple(found), frozenset(wrong), tuple(dict.fromkeys(agrees)))


def serials_of(declared: Consignment) -> Sequence[str]:
    """Return the serial numbers of declared goods, plain."""
    return [plain_serial(one.serial_number) for one in declared.goods_items if one.serial_number]


def plain_serial(text: str) -> str:
    """Return a serial number as it is compared: without case, spaces and punctuation."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _serial(
    one: ReturnedItem,
    item: GoodsItem,
    declared: Consignment,
    consignment_id: int,
    bag: Mapping[str, BagSerial],
) -> Finding | bool:
    """Say whether a serial number agrees; a finding where it contradicts; False: it says nothing."""
    if one.serial_number is None:
        return False
    stated = plain_serial(one.serial_number)
    if item.serial_number is not None and plain_serial(item.serial_number) == stated:
        return True
    for other in declared.goods_items:
        if other.serial_number is not None and plain_serial(other.serial_number) == stated:
            number = {"value": one.serial_number, "sequence_number": str(other.sequence_number)}
            return Finding("return-serial-of-other-item", "", "advice", parameters=number)
    at_home = bag.get(stated)
    if at_home is not None and at_home.consignment_id != consignment_id:
        number = {"value": one.serial_number, "mrn": at_home.mrn}
        return Finding("return-serial-of-other-import", "", "advice", parameters=number)
    # Of several pieces a declaration names one number at most: another says nothing.
    if item.serial_number is not None and _micro(item.quantity) == _ONE_PIECE:
        both = {"value": one.serial_number, "declared": item.serial_number}
        return Finding("return-serial-differs", "", "advice", parameters=both)
    return False


def _picture(one: ReturnedItem, item: GoodsItem, declared: Consignment) -> Finding | bool:
    """Say whether a picture agrees with the offer's; a finding where it shows other declared goods. Another
    picture of the same goods looks otherwise: that it is like none says nothing."""
    if one.picture_hash is None:
        return False
    like = {
        other.sequence_number
        for other in declared.goods_items
        if other.listing is not None
        and other.listing.picture_hash is not None
        and is_same_picture(int(other.listing.picture_hash, 16), int(one.picture_hash, 16))
    }
    if item.sequence_number in like:
        return True
    if not like:
        return False
    number = {"sequence_number": str(min(like))}
    return Finding("return-picture-of-other-item", "", "advice", parameters=number)


def _is_of(token: ReturnToken, declared: Consignment, consignment_id: int) -> bool:
    """Say whether a token is of an import: it proved its tax, or proved none here and is for its order."""
    if token.owner_id is not None:
        return token.owner_id == consignment_id
    if token.claims is None:
        return False
    orders = {*declared.order_references, *(one.order_reference for one in declared.goods_items)}
    claims = token.claims
    return any(one and hash_of_order(claims.number, one) == claims.order_hash for one in orders)


def _at(finding: Finding, pointer: str) -> Finding:
    return Finding(finding.code, pointer, finding.severity, parameters=finding.parameters)


def _micro(quantity: str) -> int:
    return int(read_decimals([quantity])[0][0])
