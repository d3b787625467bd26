"""What silence does: of holders, of declarants, with consent deemed and not, in small consignments."""

from datetime import UTC, date, datetime, timedelta

import pytest

from serai.foundation.shipped import find_shipped
from serai.journey.measure_rules.measure_law import shipped_measure_rules
from serai.journey.measure_rules.rights_law import PriorityLaw, read_rights_laws, rights_law_of
from serai.journey.measure_rules.working_days import working_days_end
from serai.journey.recordals.clocks import Clock, Step, step_of

AT = datetime(2026, 7, 1, 9, tzinfo=UTC)
DUE = AT + timedelta(days=14)
BEFORE, AFTER = DUE - timedelta(seconds=1), DUE
STANDARD = Clock("standard", True, True, DUE, DUE, None, None)


@pytest.mark.parametrize(
    ("clock", "at", "step"),
    [
        (STANDARD, BEFORE, Step("waiting")),
        (STANDARD, AFTER, Step("waiting", "deemed-to-agree", "holder-silent")),
        (
            STANDARD._replace(holder_answer="does-not-infringe"),
            AT,
            Step("waiting", None, "does-not-infringe"),
        ),
        (STANDARD._replace(holder_answer="infringes-destroy"), BEFORE, Step("waiting")),
        (STANDARD._replace(holder_answer="infringes-destroy"), AFTER, Step("to-destroy", "deemed-to-agree")),
        (
            STANDARD._replace(holder_answer="infringes-destroy", silence_is_consent=False),
            AFTER,
            Step("waiting", None, "no-proceedings"),
        ),
        (
            STANDARD._replace(holder_answer="infringes-destroy", declarant_answer="agrees"),
            AT,
            Step("to-destroy", "agrees"),
        ),
        (
            STANDARD._replace(holder_answer="infringes-destroy", declarant_answer="opposes"),
            AFTER,
            Step("waiting", "opposes", "no-proceedings"),
        ),
        (
            STANDARD._replace(holder_answer="infringes-proceedings", declarant_answer="opposes"),
            AFTER,
            Step("in-proceedings", "opposes"),
        ),
        (
            Clock("own-initiative", False, True, DUE, DUE, None, None),
            AFTER,
            Step("waiting", "deemed-to-agree", "no-recordal"),
        ),
        (
            Clock("small-consignment", True, True, None, DUE, None, None),
            AFTER,
            Step("to-destroy", "deemed-to-agree"),
        ),
        (Clock("small-consignment", True, True, None, DUE, None, "opposes"), AT, Step("waiting", "opposes")),
        (
            Clock("small-consignment", True, True, DUE, DUE, None, "opposes"),
            AFTER,
            Step("waiting", "opposes", "holder-silent"),
        ),
        (STANDARD._replace(is_ended=True), AFTER, Step("ended", "deemed-to-agree")),
    ],
)
def test_time_brings_about_what_the_law_says(clock: Clock, at: datetime, step: Step) -> None:
    assert step_of(clock, at) == step


def test_days_are_working_days_and_those_of_perishable_goods_fewer() -> None:
    law = rights_law_of("DE", AT)
    rest_days = shipped_measure_rules().rest_days_of("DE")
    begun = datetime(2026, 12, 22, 9, tzinfo=UTC)

    ends = [
        working_days_end(begun, days, "Europe/Berlin", rest_days).date()
        for days in (law.holder.days, law.holder.perishable_days)
    ]

    # 25, 26 December and 1 January are holidays: the tenth working day is 7 January, the third 28 December.
    assert ends == [date(2027, 1, 7), date(2026, 12, 28)]
    assert law.own_initiative.days == 4


def test_a_small_consignment_has_few_pieces_or_little_mass() -> None:
    small = rights_law_of("FR", AT).small_consignment

    assert small is not None
    assert [small.is_small(*one) for one in ((3, 9_000), (4, 1_999), (4, 2_000))] == [True, True, False]
    assert rights_law_of("ZZ", AT).small_consignment is None


def test_a_recordal_is_low_only_after_some_have_ended() -> None:
    law = PriorityLaw(365, 3, 500_000, "")

    assert [law.is_low(*one) for one in ((2, 2), (3, 2), (4, 2), (0, 0))] == [False, True, False, False]


def test_each_field_says_whether_its_law_was_read() -> None:
    content = (find_shipped("laws") / "rights.yaml").read_bytes()

    with pytest.raises(ValueError, match="whether it was read"):
        read_rights_laws(content.replace(b"unread: [recordal, own_initiative,", b"unread: [own_initiative,"))
