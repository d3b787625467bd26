"""What the sender hears of the score in the answer: each failure of a check that is said, at its place."""

from collections.abc import Callable, Sequence

import numpy as np

from serai.journey.validation.columns import Columns
from serai.journey.validation.data_quality.checks import filled_in_place
from serai.journey.validation.data_quality.marks import Marks
from serai.journey.validation.data_quality.reference_values import (
    CHECK_OF,
    ReferenceValues,
    describe_reference_values,
)
from serai.journey.validation.fields import DocumentFields, PeopleOfRole
from serai.journey.validation.remarks import Remarks, these_values, this_value, value_of
from serai.model.check_digits import find_check_digit
from serai.model.documents import Consignment
from serai.model.findings import Finding


def add_advice(
    documents: DocumentFields,
    columns: Columns,
    people: Sequence[PeopleOfRole],
    marks: Marks,
    remarks: Remarks,
) -> None:
    """Add advice for what fails."""
    failing = {
        code: np.flatnonzero(level.failures(code)).tolist()
        for level in (marks.items, marks.consignments)
        for code in level.codes
        if code in marks.formula.said and level.failures(code).any()
    }
    if not failing:
        return
    for code in CHECK_OF.values():
        _add_unusual(failing.get(code, ()), code, columns, marks.reference_values, remarks)
    if rows := failing.get("gtin-check"):
        gtins = documents.items.texts("standard_product_id")
        for row in rows:
            found = find_check_digit("gtin", gtins[row] or "", "")
            if found is not None:
                given = these_values(found.parameters)
                remarks.add_items([row], found.code, "standard_product_id", given, found.severity)
    for code, find in _FINDERS.items():
        for row in failing.get(code, ()):
            for one in find(documents.document(row)):
                remarks.add([row], one.code, one.pointer, these_values(one.parameters), one.severity)
    for code, pointer in _PLACES.items():
        remarks.add(failing.get(code, ()), code, pointer, None, "advice")
    if rows := failing.get("postcode-malformed"):
        country = value_of(columns.consignments.words("consignee_country_code"))
        remarks.add(rows, "postcode-malformed", "/consignee/postcode", country, "advice")
    for row in failing.get("address-filled-in", ()):
        pointer = filled_in_place(documents.document(row))
        remarks.add([row], "address-filled-in", pointer, this_value(pointer[1:]), "advice")
    _add_tax_numbers(set(failing.get("tax-number-check", ())), people, remarks)


_PLACES = {"dates-out-of-order": "/purchased_at", "scheme-number-unfit": "/additional_fiscal_references"}


def _add_unusual(
    rows: Sequence[int], code: str, columns: Columns, reference_values: ReferenceValues, remarks: Remarks
) -> None:
    if not rows:
        return
    place = {check: measure for measure, check in CHECK_OF.items()}[code]
    field = {"unit-price-unusual": "invoice_amount", "unit-weight-unusual": "gross_mass_kg"}[code]
    for row, given in zip(
        rows, describe_reference_values(columns.items, rows, place, reference_values), strict=True
    ):
        remarks.add_items([row], code, field, these_values(given), "advice")


def _add_tax_numbers(rows: set[int], people: Sequence[PeopleOfRole], remarks: Remarks) -> None:
    for one in people if rows else ():
        for row, number in zip(one.rows.tolist(), one.fields.texts("tax_number"), strict=True):
            if row in rows and number is not None:
                found = find_check_digit("tax-number", number, f"/{one.role}/tax_number")
                if found is not None:
                    remarks.add([row], found.code, found.pointer, None, found.severity)


def _of_waybill(document: Consignment) -> list[Finding]:
    found = find_check_digit("air-waybill", document.master_document or "", "/master_document")
    return [] if found is None else [found]


def _of_containers(document: Consignment) -> list[Finding]:
    containers = document.detail.containers if document.detail is not None else []
    found = (
        find_check_digit("container", one.identifier, f"/detail/containers/{place}/identifier")
        for place, one in enumerate(containers)
        if one.identifier is not None
    )
    return [one for one in found if one is not None]


_FINDERS: dict[str, Callable[[Consignment], list[Finding]]] = {
    "air-waybill-check": _of_waybill,
    "container-number-check": _of_containers,
}
