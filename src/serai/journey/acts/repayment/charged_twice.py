"""What came of tax that was charged twice: who makes it good, by when, and how far that is."""

import datetime as dt
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from psycopg import AsyncConnection

from serai.journey.acts.repayment.service import Repayment, select_repayments
from serai.journey.assessment.store import select_basis
from serai.journey.consignments.act_records import select_standing_acts
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.measure_rules.measure_law import shipped_measure_rules
from serai.journey.measure_rules.working_days import working_days_end
from serai.journey.processing.citations.double_charge import FOUND, GROUND, application_reference
from serai.journey.repayments.repayment_law import DoubleChargeTerms, Leg, shipped_repayment_rules
from serai.journey.services import Services
from serai.model.acts import Act

Connection = AsyncConnection[Any]

_LAST_INSTANT: Final = dt.timedelta(microseconds=1)


class ChargedTwice(NamedTuple):
    """A double charge of a consignment. terms: by when it is made good; None: nothing was read of that.
    repayment: of the application before an officer; None: the supplier makes it good."""

    found: Act
    leg: Leg
    terms: DoubleChargeTerms | None
    repayment: Repayment | None


async def read_charged_twice(
    services: Services, connection: Connection, row: ConsignmentRow
) -> ChargedTwice | None:
    """Return the double charge of a consignment that was found; None: none was."""
    key = {"administration_id": services.administration_id}
    acts = await select_standing_acts(connection, [row.case_id], [FOUND], **key)
    found = next((act for _, act in acts if act.subject_id == row.consignment_id), None)
    if found is None:
        return None
    leg: Leg = found.parameters["leg"]
    basis = (await select_basis(connection, [row.basis_id]))[row.basis_id]
    terms = shipped_repayment_rules().double_charge_terms(leg, basis.program_code.split("+"), found.at.date())
    if leg == "supplier-corrects":
        return ChargedTwice(found, leg, terms, None)
    wanted = application_reference(row.consignment_id)
    of_case = await select_repayments(connection, row.case_id, **key)
    repayment = next(
        (one for one in of_case if one.request is not None and one.request.reference == wanted), None
    )
    return ChargedTwice(found, leg, terms, repayment)


def decide_by(one: Repayment, country_code: str, time_zone: str) -> dt.date | None:
    """Return the day by which an officer decides on the application that a double charge has brought; None:
    of another, or of what was decided, none is said here."""
    request = one.request
    if request is None or one.state != "requested" or request.parameters["ground"] != GROUND:
        return None
    terms = shipped_repayment_rules().double_charge_terms("customs-repays", (), request.at.date())
    if terms is None or terms.decide_within_working_days is None:
        return None
    rest_days = shipped_measure_rules().rest_days_of(country_code)
    end = working_days_end(request.at, terms.decide_within_working_days, time_zone, rest_days)
    return (end - _LAST_INSTANT).astimezone(ZoneInfo(time_zone)).date()
