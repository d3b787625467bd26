"""All that is wrong with a WCO declaration as one of the super-reduced data set (H7)."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from serai.formats.cds.facts import schemas
from serai.formats.found import Found
from serai.formats.h7.profile import DataElement, Edition, conditions, data_elements
from serai.formats.placed import PlacedText
from serai.formats.wco_dec import find_declaration
from serai.formats.wco_dec_write import DEC_NAMESPACE
from serai.formats.xml_document import Reader, read_xml
from serai.formats.xml_shape import decimal_of
from serai.model.findings import Finding, Severity

ITEM: Final = "GovernmentAgencyGoodsItem"
_FORMS: Final = {
    "digits": (re.compile(r"[0-9]+"), "digits"),
    "letters": (re.compile(r"[A-Z]+"), "letters"),
    "text": (re.compile(r".+", re.DOTALL), "text"),
    "amount": (re.compile(r"[0-9]{1,14}(\.[0-9]{1,2})?"), "an amount with at most two decimals"),
    "mass": (re.compile(r"[0-9]{1,10}(\.[0-9]{1,6})?"), "a mass in kilograms with at most six decimals"),
}
_ENVELOPE: Final = frozenset({"FunctionCode"})
_PARTY_WAYS: Final = ("ID", "Name")


def check_message(content: bytes, *, edition: Edition | None = None) -> list[Finding]:
    """List every finding on one declaration, by the data set alone; never raises on any bytes.

    Whether the message is one of the schemas is for the check of its format (`cds`). edition: whose set;
    None: the UK's where an additional procedure of its own names it, else the Union's. What could not be
    confirmed from a published text is advice, and so is what the set does not know: it is kept.
    """
    root, faults = read_xml(content)
    if root is None:
        return faults
    top = Reader.of_root(root)
    declaration = find_declaration(top)
    if declaration is None:
        known = "a WCO declaration, bare or in MetaData"
        return [Finding("other-root", top.path, parameters={"root": top.path[1:65], "known": known})]
    namespace = declaration.namespace()
    if namespace not in {DEC_NAMESPACE, None}:
        parameters = {"namespace": str(namespace)[:100], "expected": DEC_NAMESPACE}
        return [Finding("other-namespace", declaration.path, parameters=parameters)]
    found = Found()
    for leaf in declaration.leaves():
        name, is_second, _ = leaf.path.removeprefix(f"{declaration.path}/").partition("[2]")
        if is_second and "/" not in name:
            found.add(Finding("repeated-field", leaf.path, parameters={"field": name}))
    _Profile(declaration, edition, found).check()
    return found.findings()


class _Profile:
    def __init__(self, declaration: Reader, edition: Edition | None, found: Found) -> None:
        self._declaration = declaration
        self._shipment = declaration.at("GoodsShipment")
        self._items = self._shipment.all(ITEM) if self._shipment.count(ITEM) < 1_000 else []
        self._found = found
        self._asked = self._additional_procedures()
        markers = {one.additional_procedure_code for one in conditions().markers}
        self._edition: Edition = edition or ("uk" if markers & self._asked else "eu")

    def check(self) -> None:
        """Find what is missing, malformed, not asked for, or against a condition."""
        if self._shipment.count(ITEM) >= 1_000:
            path = f"{self._shipment.path}/{ITEM}"
            self._found.add(Finding("too-many", path, parameters={"count_max": "999"}))
            return
        if not self._items:
            path = f"{self._shipment.path}/{ITEM}"
            self._found.add(Finding("missing-field", path, parameters={"field": ITEM}))
        for element in data_elements():
            self._check_element(element)
        self._check_reliefs()
        self._check_limits()
        self._check_schemes()
        self._check_goods()
        self._check_claims()
        self._tell_the_rest()

    # ---- presence and form ----

    def _check_element(self, element: DataElement) -> None:
        is_required = element.presence(self._edition) == "required"
        if element.level == "item":
            for item in self._items:
                self._check_place(element, [item], is_required=is_required)
        elif element.level == "declaration":
            self._check_place(element, [self._declaration, self._shipment], is_required=is_required)
        else:
            places = [self._declaration, self._shipment, *self._items]
            self._check_place(element, places, is_required=is_required)

    def _check_place(self, element: DataElement, places: Sequence[Reader], *, is_required: bool) -> None:
        there = [one for place in places for one in _below(place, element.path)]
        if element.number.startswith("11 10"):
            there = [one for one in there if not one.at("PreviousCode")]
        if not there and is_required:
            place = f"{_home(places, element.path).path}/{element.path}"
            self._found.add(Finding("h7-missing", place, self._severity(element), _named(element)))
        for one in there:
            if element.kind == "party" and not any(one.text(way) for way in _PARTY_WAYS):
                self._found.add(Finding("h7-missing", one.path, self._severity(element), _named(element)))
            elif element.kind in _FORMS:
                self._check_form(element, one)

    def _check_form(self, element: DataElement, reader: Reader) -> None:
        text = reader.text() or ""
        if element.path == "TypeCode" and element.former_number == "1/2":
            text = text[2:3] or ""
            lengths = range(1, 2)
        else:
            lengths = range(element.at_least, (element.at_most or len(text)) + 1)
        pattern, form = _FORMS[element.kind]
        if not pattern.fullmatch(text) or (element.at_most and len(text) not in lengths):
            bounds = "" if not element.at_most else f", {lengths.start} to {lengths.stop - 1} of them"
            self._found.add(
                Finding("h7-form", reader.path, "fault", _named(element) | {"form": f"{form}{bounds}"})
            )

    @staticmethod
    def _severity(element: DataElement) -> Severity:
        return "fault" if element.confirmed else "advice"

    # ---- conditions ----

    def _additional_procedures(self) -> set[str]:
        return {str(code) for item in self._items for code in _additional(item)}

    def _check_reliefs(self) -> None:
        rows = [one for one in conditions().reliefs if self._edition in one.editions]
        codes = {one.additional_procedure_code for one in rows}
        for item in self._items:
            if not codes & set(_additional(item)):
                parameters = {"codes": ", ".join(sorted(codes))}
                self._found.add(
                    Finding("h7-no-relief", f"{item.path}/GovernmentProcedure", "fault", parameters)
                )
        for pair in conditions().incompatible:
            if self._edition in pair.editions and set(pair.codes) <= self._asked:
                parameters = {"codes": " and ".join(pair.codes)}
                self._found.add(Finding("h7-excluded-together", self._shipment.path, "fault", parameters))

    def _check_limits(self) -> None:
        limits = [
            one
            for one in conditions().limits
            if self._edition in one.editions and one.additional_procedure_code in self._asked
        ]
        if not limits:
            return
        # Where several reliefs are asked for, the lowest limit holds.
        limit = min(limits, key=lambda one: Decimal(one.limit))
        total, currencies = Decimal(0), set()
        for item in self._items:
            amount = item.text("CustomsValueAmount")
            if amount is None:
                continue  # Told as missing.
            currencies.add(str(item.attribute("CustomsValueAmount", "currencyID") or ""))
            number = decimal_of(amount)
            if number is None:
                return  # Told as a fault of its form.
            total += number
        parameters = {"limit": limit.limit, "currency": limit.currency_code}
        if currencies - {limit.currency_code}:
            self._found.add(Finding("h7-limit-untested", self._shipment.path, "advice", parameters))
        elif total > Decimal(limit.limit):
            severity: Severity = "fault" if limit.confirmed else "advice"
            self._found.add(Finding("h7-above-limit", self._shipment.path, severity, parameters))

    def _check_schemes(self) -> None:
        places = [self._shipment, *self._items]
        parties = [party for place in places for party in place.all("DomesticDutyTaxParty")]
        for scheme in conditions().schemes:
            if self._edition not in scheme.editions:
                continue
            numbers = [one for one in parties if one.text("RoleCode") == scheme.role_code]
            is_asked = scheme.additional_procedure_code in self._asked
            parameters = {"code": scheme.additional_procedure_code, "role": scheme.role_code}
            if is_asked and not numbers:
                path = f"{self._shipment.path}/DomesticDutyTaxParty"
                self._found.add(Finding("h7-scheme-number-missing", path, "fault", parameters))
            for one in numbers:
                if not is_asked:
                    self._found.add(Finding("h7-scheme-unasked", one.path, "fault", parameters))
                elif not re.fullmatch(scheme.number_form, one.text("ID") or ""):
                    # The number is confidential, so it is not said.
                    form = {"form": scheme.form_in_words}
                    self._found.add(Finding("h7-scheme-number-form", f"{one.path}/ID", "fault", form))

    def _check_goods(self) -> None:
        for item in self._items:
            asked = {str(code) for code in _additional(item)}
            code = item.text("Commodity/Classification/ID")
            for row in conditions().excluded_goods:
                is_named = code is not None and code.startswith(tuple(row.prefixes))
                if is_named and self._edition in row.editions and asked & set(row.additional_procedure_codes):
                    self._found.add(
                        Finding("h7-goods-excluded", str(code and code.place), "fault", {"what": row.what})
                    )

    def _check_claims(self) -> None:
        licences = conditions().limited_licences
        for item in self._items:
            for row in conditions().not_claimed:
                for claim in _below(item, row.path) if self._edition in row.editions else ():
                    text = claim.text() or ""
                    if text and not (row.unless_begins_with and text.startswith(row.unless_begins_with)):
                        self._found.add(Finding("h7-not-claimable", claim.path, "fault", {"what": row.what}))
            for document in item.all("AdditionalDocument") if self._edition in licences.editions else ():
                if document.text("CategoryCode") in licences.category_codes:
                    self._found.add(
                        Finding("h7-not-claimable", document.path, "advice", {"what": licences.what})
                    )

    # ---- what the set does not know ----

    def _tell_the_rest(self) -> None:
        of_item = {one.path for one in data_elements() if one.level in {"item", "both"}}
        of_declaration = {one.path for one in data_elements() if one.level in {"declaration", "both"}}
        for leaf in self._declaration.leaves():
            if self._found.is_full:
                return
            way = re.sub(r"\[\d+\]", "", leaf.path.removeprefix(self._declaration.path))[1:]
            way = way.removeprefix("GoodsShipment/")
            known = of_declaration | _ENVELOPE
            if way.startswith(f"{ITEM}/"):
                way, known = way.removeprefix(f"{ITEM}/"), of_item
            if leaf.text() and not any(way == path or way.startswith(f"{path}/") for path in known):
                parameters = {"element": leaf.path.rpartition("/")[2][:64]}
                self._found.add(Finding("h7-not-in-set", leaf.path, "advice", parameters))


def _below(reader: Reader, path: str) -> Iterator[Reader]:
    """Give every element down a path, through all siblings."""
    name, _, rest = path.partition("/")
    for child in reader.all(name):
        if rest:
            yield from _below(child, rest)
        else:
            yield child


def _home(places: Sequence[Reader], path: str) -> Reader:
    """Return the innermost of places below which the schema has a path; what is missing is told there."""
    return next(
        (one for one in reversed(places) if _has(one.path.rpartition("/")[2].partition("[")[0], path)),
        places[-1],
    )


def _has(record: str, path: str) -> bool:
    name, _, rest = path.partition("/")
    step = schemas()["declaration"].records[record].get(name)
    return step is not None and (not rest or (step.group is not None and _has(step.group[1], rest)))


def _additional(item: Reader) -> list[PlacedText]:
    """Return additional procedures; the one with a previous code is the procedure itself."""
    procedures = [one for one in item.all("GovernmentProcedure") if not one.at("PreviousCode")]
    return [code for one in procedures if (code := one.text("CurrentCode"))]


def _named(element: DataElement) -> dict[str, str]:
    return {"number": element.rendered_number, "name": element.name}
