"""'Change it and see' for people: a form's words into a change; what came of it in a sentence and a table."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping

import msgspec

from serai.explanation.side_by_side import Row
from serai.explanation.steps import Explanation
from serai.foundation.http.problems import InputFault, InputFaultyError
from serai.journey.cases.page_words import country_name
from serai.laboratory.what_if_case import ItemChange, Tried, TryRequest
from serai.law.book import LawBook
from serai.law.pack import Pack
from serai.model.documents import Consignment
from serai.model.frames import LANES
from serai.model.message_text import MessageText


class TryPage(msgspec.Struct, frozen=True):
    """What came of a change.

    changed: what was changed, in words. before, after: due at the border, each currency. figures: laws,
    values and sums that differ; same_count: how many do not. steps: every step that differs.
    """

    title: str
    changed: list[str]
    lane_before: str
    lane_after: str
    before: str
    after: str
    in_short: list[str]
    figures: list[Row]
    same_count: int
    steps: list[Row]


def read_try_form(form: Mapping[str, str], document: Consignment, book: LawBook) -> TryRequest:
    """Return the change a form asks for. book: its packs know the shape of each scheme's numbers.

    Raises InputFaultyError for a day that is none, and where nothing is changed.
    """
    number = form.get("vendor_number", "").strip()
    price = form.get("price", "").strip()
    buyer = form.get("buyer", "")
    country, _, postcode = form.get("destination", "").strip().upper().partition(" ")
    kind = document.scheme_kind_code
    packs = book.packs_for(country or document.consignee.country_code)
    request = TryRequest(
        on=_day(form.get("accepted_on", "").strip()),
        destination_country_code=country or None,
        destination_postcode=postcode.strip() or None,
        is_business_buyer={"business": True, "consumer": False}.get(buyer),
        sale_nature_code={"business": "B2B", "consumer": "B2C"}.get(buyer),
        vendor_number=None if not number else "" if number in ("-", "\u2013", "\u2014") else number,
        scheme_kind_code=None if kind is not None else scheme_kind_of(number, packs),
        items=[ItemChange(sequence_number=document.goods_items[0].sequence_number, invoice_amount=price)]
        if price
        else [],
    )
    if request.changes_nothing:
        raise _faulty("accepted_on", "Nothing was changed.", "Change at least one of these.")
    return request


def view_try(tried: Tried, request: TryRequest, document: Consignment, lane_before: str) -> TryPage:
    """Return the page. lane_before: of the decision that stands."""
    before, after = _due(tried.before), _due(tried.explanation)
    changed = words_of_change(request, document)
    lane_after = tried.decision.lane
    outcome = f"still {after} to pay" if before == after else f"{after} to pay instead of {before}"
    if lane_before != lane_after and LANES.index(lane_after) > 0:
        outcome += f", and it goes to {lane_after}" if lane_after != "await" else ", and it waits for data"
    figures = [row for row in tried.side_by_side.figures if not _is_nothing(row)]
    title = f"{changed[0]}: {outcome}" if len(changed) == 1 else f"With {len(changed)} changes: {outcome}"
    return TryPage(
        title,
        changed,
        lane_before,
        lane_after,
        before,
        after,
        tried.in_short,
        [_with_item(row) for row in figures if row.changed],
        sum(not row.changed for row in figures),
        [_with_item(row) for row in tried.side_by_side.changed_steps() if row.a or row.b],
    )


def _with_item(row: Row) -> Row:
    """Say which goods item a step is of, where its own words do not."""
    item, _, _ = row.id.partition(".")
    if not item.startswith("item-") or "item" in row.meaning:
        return row
    return msgspec.structs.replace(row, meaning=f"{row.meaning}, goods item {item.removeprefix('item-')}")


def _is_nothing(row: Row) -> bool:
    """Say whether a sum is nothing before and after: no line of the table is needed to tell it."""
    return all(text is not None and text.rpartition(" ")[2].strip("0.") == "" for text in (row.a, row.b))


def words_of_change(request: TryRequest, document: Consignment) -> list[str]:
    """Say what is changed, each in a few words. A scheme number is not shown again."""
    said = []
    if request.on is not None:
        said.append(f"On {request.on.day} {request.on:%B %Y}")
    for item in request.items:
        if item.invoice_amount is not None:
            currency = document.goods_items[0].invoice_currency_code
            said.append(f"At a price of {currency} {item.invoice_amount}")
    if request.destination_country_code is not None:
        postcode = f", {request.destination_postcode}" if request.destination_postcode else ""
        said.append(f"To {country_name(request.destination_country_code)}{postcode}")
    if request.is_business_buyer is not None:
        said.append("To a business" if request.is_business_buyer else "To a consumer")
    if request.vendor_number is not None:
        said.append("With another scheme number" if request.vendor_number else "Without a scheme number")
    return said


def _due(explanation: Explanation) -> str:
    """Return what is due at the border, in every currency."""
    totals = [
        total
        for total in explanation.totals
        if total.name == "due_at_border" or (total.name == "other_currency" and total.amount_minor)
    ]
    return " and ".join(total.step.result for total in totals).replace(" ", "\u00a0") or "an unknown sum"


def _day(text: str) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise _faulty(
            "accepted_on",
            MessageText("{text} is no day.", text=text[:20]),
            "Write year, month and day, for instance 2026-07-01.",
        ) from None


def scheme_kind_of(number: str, packs: Iterable[Pack]) -> str | None:
    """Return the scheme whose numbers look like this one, spaces and small letters aside.

    packs: of the country the goods go to; numbers of another country's schemes may look the same.

    None where no pack has such a scheme, or several have.
    """
    bare = "".join(sign for sign in number.upper() if sign.isalnum())
    kinds = {
        registration.kind
        for pack in packs
        for registration in pack.registrations
        if re.fullmatch(registration.pattern, bare)
    }
    return kinds.pop() if len(kinds) == 1 else None


def _faulty(field: str, detail: str, remedy: str) -> InputFaultyError:
    fault = InputFault(f"/{field}", "form-faulty", detail, remedy)
    return InputFaultyError((fault,), detail, remedy)
