"""Which row of laws/measures.yaml governs a consignment: that of the territory whose law decided it."""

from collections.abc import Collection
from typing import Any, NamedTuple

from psycopg import AsyncConnection

from serai.journey.assessment import store as assessment_store
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.measure_rules.measure_law import CounterForm, MeasureLaw, shipped_measure_rules
from serai.journey.processing.transaction import Processor
from serai.model.acts import Act

Connection = AsyncConnection[Any]


class Governing(NamedTuple):
    """What measures rest on, and the time zone in which days are counted."""

    law: MeasureLaw
    time_zone: str


async def governing_law(
    processor: Processor, connection: Connection, consignment: ConsignmentRow
) -> Governing:
    """Return what measures rest on where the law lies that decided a consignment."""
    return (await governing_laws(processor, connection, {consignment.basis_id}))[consignment.basis_id]


async def governing_laws(
    processor: Processor, connection: Connection, basis_ids: Collection[int]
) -> dict[int, Governing]:
    """Return the same by basis of a decision, of many at once."""
    bases = await assessment_store.select_basis(connection, sorted(basis_ids))
    packs = {one.pack.code: one.pack for one in processor.law.book.packs.values()}
    at, rules = processor.services.clock.now(), shipped_measure_rules()
    found = {}
    for basis_id in basis_ids:
        base = packs.get(bases[basis_id].program_code.split("+")[0])
        law = rules.law_of("" if base is None else base.jurisdiction, at)
        found[basis_id] = Governing(law, (base and base.time_zone) or "UTC")
    return found


async def law_of_counter_act(
    processor: Processor, connection: Connection, measure: Act, form: CounterForm
) -> tuple[MeasureLaw, str]:
    """Return what measures rest on, and by which law one is taken back in a form."""
    (consignment,) = await consignment_store.select_consignments(
        connection, [measure.subject_id], administration_id=processor.services.administration_id
    )
    law = (await governing_law(processor, connection, consignment)).law
    return law, law.counter_reference(form, shipped_measure_rules().measure(measure.kind))
