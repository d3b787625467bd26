"""Custody as a state machine: its holder alone speaks, and nothing comes after an end."""

import datetime as dt
import random
import sys
from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.formats.epcis.event import Destination, Event, PersistentDisposition
from serai.journey.tracking.rules import (
    COUNTS,
    Custody,
    CustodyEvent,
    CustodyMandate,
    End,
    Parts,
    Waybill,
    end_of,
    is_about_custody,
    judge,
)

DECLARANT, CARRIER, DEPOT, SELLER, STRANGER, OFFICER = range(1, 7)
START = dt.datetime(2026, 6, 22, 8, tzinfo=dt.UTC)
WAYBILL_ID, FIRST_ID = 1_000, 2_000


def hours(count: float) -> dt.datetime:
    return START + dt.timedelta(hours=count)


CARRIED = Parts(
    declarant_id=DECLARANT,
    waybills=(Waybill(WAYBILL_ID, CARRIER),),
    members=frozenset({DECLARANT, CARRIER, SELLER}),
)


def seen(place: int, party_id: int, at: float, **fields: object) -> CustodyEvent:
    """An event, recorded as the so-manieth."""
    plain = CustodyEvent(
        event_id=FIRST_ID + place, at=hours(at), recorded_at=hours(100 + place), party_id=party_id,
        uri=f"urn:{place}",
    )  # fmt: skip
    return msgspec.structs.replace(plain, **fields)


def verdicts(custody: Custody) -> list[str]:
    return [custody.verdicts[one] for one in sorted(custody.verdicts)]


def test_who_carries_speaks_and_who_declares_does_not() -> None:
    gone, moving = seen(1, CARRIER, 1, end="destroyed"), seen(2, DECLARANT, 2)

    told = judge(CARRIED, [], [gone, moving])
    told_first = judge(CARRIED, [], [seen(1, DECLARANT, 1), seen(2, CARRIER, 1, end="destroyed")])

    assert verdicts(told) == [COUNTS, "custody-not-held"]
    assert verdicts(told_first) == ["custody-not-held", COUNTS]
    assert (told.holder_id, told.end, told.end_event_id) == (CARRIER, "destroyed", gone.event_id)


def test_its_declarant_holds_what_nobody_carries() -> None:
    alone = Parts(declarant_id=DECLARANT, members=frozenset({DECLARANT, SELLER}))

    told = judge(
        alone, [], [seen(1, DECLARANT, 1), seen(2, SELLER, 2), seen(3, DECLARANT, 3, end="delivered")]
    )

    assert verdicts(told) == [COUNTS, "custody-not-held", COUNTS]


def test_what_a_declarant_said_before_the_waybill_stands_and_what_it_says_later_does_not() -> None:
    told = judge(CARRIED, [], [seen(-1_500, DECLARANT, 1), seen(1, DECLARANT, 0.5), seen(2, CARRIER, 2)])

    assert verdicts(told) == [COUNTS, "custody-not-held", COUNTS]


def test_a_named_carrier_takes_over_with_its_first_word() -> None:
    named = Parts(
        declarant_id=DECLARANT, named_carriers=frozenset({CARRIER}), members=frozenset({DECLARANT, CARRIER})
    )

    told = judge(named, [], [seen(1, DECLARANT, 1), seen(2, CARRIER, 2), seen(3, DECLARANT, 3)])

    assert verdicts(told) == [COUNTS, COUNTS, "custody-not-held"]


def test_nothing_happens_after_an_end_not_even_by_its_holder() -> None:
    told = judge(
        CARRIED,
        [],
        [
            seen(1, CARRIER, 5, end="destroyed"),
            seen(2, CARRIER, 6),
            seen(3, CARRIER, 6, end="delivered"),
            seen(4, SELLER, 7, is_custody=False),
            seen(5, CARRIER, 4),
            seen(6, CARRIER, 8, end="destroyed"),
        ],
    )

    assert verdicts(told) == [COUNTS, "custody-ended", "custody-ended", "custody-ended", COUNTS, COUNTS]


def test_an_end_before_what_its_sender_said_of_later_does_not_count() -> None:
    told = judge(CARRIED, [], [seen(1, CARRIER, 5), seen(2, CARRIER, 4, end="destroyed")])

    assert verdicts(told) == [COUNTS, "custody-went-on"]


def test_handing_over_passes_custody_on_and_late_words_of_one_s_own_time_count() -> None:
    told = judge(
        CARRIED,
        [],
        [
            seen(1, CARRIER, 2, receiver_id=DEPOT),
            seen(2, CARRIER, 3, receiver_id=DEPOT),
            seen(3, DEPOT, 3),
            seen(4, CARRIER, 4, receiver_id=DEPOT),
            seen(5, CARRIER, 1),
            seen(6, CARRIER, 1, end="destroyed"),
            seen(7, DEPOT, 5, end="delivered"),
        ],
    )

    assert verdicts(told) == [COUNTS, COUNTS, COUNTS, "custody-not-held", COUNTS, "custody-not-held", COUNTS]
    assert told.holder_id == DEPOT


def test_who_was_handed_nothing_hands_nothing_over() -> None:
    told = judge(CARRIED, [], [seen(1, SELLER, 1, receiver_id=STRANGER), seen(2, STRANGER, 2)])

    assert verdicts(told) == ["custody-not-held", "custody-not-held"]
    assert told.holder_ids == {DECLARANT, CARRIER}


def test_a_mandate_with_custody_lets_its_grantee_take_over_until_it_ends() -> None:
    mandate = CustodyMandate(CARRIER, DEPOT, hours(0), hours(103.5))
    told = judge(
        CARRIED,
        [mandate],
        [
            seen(1, DEPOT, 1),
            seen(2, CARRIER, 2),
            seen(3, DEPOT, 3),
            seen(4, DEPOT, 4, end="destroyed"),  # recorded after the end of the mandate
            seen(5, CARRIER, 104),
        ],
    )

    assert verdicts(told) == [COUNTS, "custody-not-held", COUNTS, "custody-not-held", COUNTS]
    assert told.holder_id == CARRIER


def test_only_a_mandate_of_the_holder_passes_custody_on() -> None:
    told = judge(CARRIED, [CustodyMandate(SELLER, STRANGER, hours(0))], [seen(1, STRANGER, 1)])

    assert verdicts(told) == ["custody-not-held"]


def test_its_sender_alone_takes_an_end_back() -> None:
    gone = seen(1, CARRIER, 1, end="destroyed", uri="urn:gone")
    moving = seen(2, CARRIER, 2)
    by_another = seen(3, SELLER, 1, end="destroyed", uri="urn:gone", is_correction=True)
    by_sender = seen(4, CARRIER, 1, end="destroyed", uri="urn:gone", is_correction=True)

    assert verdicts(judge(CARRIED, [], [gone, moving, by_another])) == [
        COUNTS, "custody-ended", "custody-not-sent",
    ]  # fmt: skip
    assert verdicts(judge(CARRIED, [], [gone, moving, by_sender])) == [COUNTS, COUNTS, COUNTS]


def test_what_was_handed_over_is_not_taken_back_from_who_has_used_it() -> None:
    over = seen(1, CARRIER, 1, receiver_id=DEPOT, uri="urn:over")
    back = seen(3, CARRIER, 1, receiver_id=DEPOT, uri="urn:over", is_correction=True)

    unused = judge(CARRIED, [], [over, back, seen(4, CARRIER, 2), seen(5, DEPOT, 3)])
    used = judge(CARRIED, [], [over, seen(2, DEPOT, 2), back, seen(4, CARRIER, 3), seen(5, DEPOT, 4)])

    assert verdicts(unused) == [COUNTS, COUNTS, COUNTS, "custody-not-held"]
    assert verdicts(used) == [COUNTS, COUNTS, "custody-passed-on", "custody-not-held", COUNTS]


def test_the_administration_stands_over_all() -> None:
    told = judge(
        CARRIED,
        [],
        [
            seen(1, CARRIER, 1, end="destroyed"),
            seen(2, OFFICER, 2, is_official=True),
            seen(3, CARRIER, 3),
            seen(4, OFFICER, 4, is_official=True, end="destroyed"),
            seen(5, CARRIER, 5),
        ],
    )

    assert verdicts(told) == ["custody-overruled", COUNTS, COUNTS, COUNTS, "custody-ended"]


# ---- whatever anybody says ----

_ENDS: Sequence[End] = ("", "", "", "destroyed", "delivered")


@st.composite
def stories(
    draw: st.DrawFn, parties: Sequence[int] = (DECLARANT, CARRIER, DEPOT, SELLER)
) -> list[CustodyEvent]:
    """Events of parties of a case in the order of record, corrections among them."""
    events: list[CustodyEvent] = []
    for place in range(draw(st.integers(1, 12))):
        event = seen(
            place,
            draw(st.sampled_from(parties)),
            draw(st.integers(0, 6)),
            end=draw(st.sampled_from(_ENDS)),
            receiver_id=draw(st.sampled_from((None, None, DEPOT, CARRIER))),
            is_custody=draw(st.sampled_from((True, True, False))),
        )
        if not event.is_custody:
            event = msgspec.structs.replace(event, end="", receiver_id=None)
        if events and draw(st.integers(0, 4)) == 0:
            wrong = draw(st.sampled_from(events))
            event = msgspec.structs.replace(
                wrong, event_id=event.event_id, recorded_at=event.recorded_at, is_correction=True
            )
        events.append(event)
    return events


def counting(custody: Custody, events: Sequence[CustodyEvent]) -> list[CustodyEvent]:
    """Events that count and were not taken back, in the order they are told."""
    taken_back = {(one.party_id, one.uri) for one in events if one.is_correction}
    told = [
        one
        for one in events
        if custody.verdicts[one.event_id] == COUNTS and (one.party_id, one.uri) not in taken_back
    ]
    return sorted(told, key=lambda one: (one.at, one.event_id))


@pytest.mark.in_turn
@settings(max_examples=150)
@given(stories())
def test_nothing_that_counts_contradicts_an_end(events: list[CustodyEvent]) -> None:
    custody = judge(CARRIED, [], events)
    told = counting(custody, events)
    ends = [place for place, one in enumerate(told) if one.end]

    assert len({told[place].end for place in ends}) <= 1
    if ends:
        last = next(one for one in events if one.event_id == custody.end_event_id)
        after = [one for one in told if (one.at, one.event_id) > (last.at, last.event_id)]
        assert all((one.end, one.party_id) == (last.end, last.party_id) for one in after)


@settings(max_examples=100)
@given(stories(), stories(parties=(STRANGER,)), st.randoms())
def test_a_stranger_changes_nothing_and_neither_does_the_order_of_reading(
    events: list[CustodyEvent], of_stranger: list[CustodyEvent], draw: random.Random
) -> None:
    late = [
        msgspec.structs.replace(one, event_id=one.event_id + 500, uri=f"{one.uri}-of-stranger")
        for one in of_stranger
    ]
    plain = judge(CARRIED, [], events)
    mixed = [*events, *late]
    draw.shuffle(mixed)

    told = judge(CARRIED, [], mixed)

    assert {key: told.verdicts[key] for key in plain.verdicts} == plain.verdicts
    assert all(told.verdicts[one.event_id] != COUNTS for one in late)


@settings(max_examples=100)
@given(stories())
def test_what_comes_later_changes_nothing_that_counted_but_by_an_end_or_a_correction(
    events: list[CustodyEvent],
) -> None:
    for count in range(1, len(events)):
        before, after = judge(CARRIED, [], events[:count]), judge(CARRIED, [], events[: count + 1])
        if not events[count].is_correction:
            changed = [key for key, verdict in before.verdicts.items() if after.verdicts[key] != verdict]
            assert all(after.verdicts[key] == "custody-ended" for key in changed)
            assert not changed or after.end


@pytest.mark.in_turn
@settings(max_examples=100)
@given(stories(), st.integers(0, 11))
def test_the_same_event_once_more_changes_nothing(events: list[CustodyEvent], place: int) -> None:
    again = msgspec.structs.replace(events[place % len(events)], event_id=FIRST_ID + 900, uri="urn:again")
    if again.is_correction or again.receiver_id is not None or _is_taken_back(place, events):
        return

    plain, twice = judge(CARRIED, [], events), judge(CARRIED, [], [*events, again])
    if plain.verdicts[events[place % len(events)].event_id] != COUNTS:
        return  # who did not hold the goods then may hold them by now

    assert {key: twice.verdicts[key] for key in plain.verdicts} == plain.verdicts


def _is_taken_back(place: int, events: Sequence[CustodyEvent]) -> bool:
    uri = events[place % len(events)].uri
    return any(one.is_correction and one.uri == uri for one in events)


def test_cost_grows_with_the_count_of_events_alone() -> None:
    def steps(count: int) -> int:
        """How often instants are compared: what each case repeats is asked of every entry."""
        taken_back = [
            seen(one, CARRIER, 1, uri="urn:same", is_correction=one % 2 == 1) for one in range(count)
        ]
        handed = [
            seen(one, (CARRIER, DEPOT)[one % 2], one, receiver_id=(DEPOT, CARRIER)[one % 2])
            for one in range(count)
        ]
        late = [seen(count + one, DEPOT, -5) for one in range(count)]
        calls = 0

        def count_calls(*_: object) -> None:
            nonlocal calls
            calls += 1

        sys.setprofile(count_calls)
        judge(CARRIED, [], taken_back)
        judge(CARRIED, [], [*handed, *late])
        sys.setprofile(None)
        return calls

    assert steps(400) < 2.5 * steps(200)


# ---- what events say ----


_OWNER = Destination(id="urn:example:party:BUYER-1", type_code="owning_party")


@pytest.mark.parametrize(
    ("fields", "end", "is_custody"),
    [
        ({"biz_step_code": "destroying"}, "destroyed", True),
        ({"disposition_code": "destroyed"}, "destroyed", True),
        ({"disposition_code": "retail_sold"}, "delivered", True),
        ({"persistent_disposition": PersistentDisposition(set=("disposed",))}, "destroyed", True),
        ({"biz_step_code": "receiving"}, "", True),
        (
            {"biz_step_code": "receiving", "destinations": (_OWNER,)},
            "delivered",
            True,
        ),
        ({"action": "DELETE"}, "ended", True),
        ({"biz_step_code": "departing"}, "", True),
        ({"disposition_code": "in_transit"}, "", True),
        ({"biz_step_code": "inspecting"}, "", False),
        ({"biz_step_code": "packing", "disposition_code": "in_progress"}, "", False),
        ({}, "", False),
    ],
)  # fmt: skip
def test_steps_and_dispositions_say_what_becomes_of_goods(
    fields: dict[str, object], end: str, *, is_custody: bool
) -> None:
    plain = Event(
        kind="ObjectEvent", event_at="2026-06-22T08:00:00Z", time_zone_offset="+00:00", action="OBSERVE"
    )
    event = msgspec.structs.replace(plain, **fields)

    assert (end_of(event), is_about_custody(event)) == (end, is_custody)
