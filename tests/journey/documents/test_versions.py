"""What becomes of whatever comes under a reference, whatever came before."""

import itertools
from typing import Any, Literal, NamedTuple, get_args

from hypothesis import given
from hypothesis import strategies as st

from serai.journey.documents.versions import (
    Incoming,
    Outcome,
    Standing,
    Stored,
    next_round,
    outcome_of,
)

STANDINGS: tuple[Standing, ...] = get_args(Standing)
KINDS: tuple[Literal["original", "amendment", "withdrawal"], ...] = ("original", "amendment", "withdrawal")


class Step(NamedTuple):
    """What comes, and what it says."""

    incoming: Incoming
    content: bytes


class Held(NamedTuple):
    """What is stored, and what it says."""

    stored: Stored
    content: bytes


def _step(incoming: Incoming, content: bytes) -> Step:
    version = None if incoming.kind == "original" else incoming.version
    if incoming.kind == "amendment":
        version = version or 1
    return Step(Incoming(incoming.kind, version), b"" if incoming.kind == "withdrawal" else content)


incoming_steps = st.builds(
    _step,
    st.builds(Incoming, st.sampled_from(KINDS), st.one_of(st.none(), st.integers(1, 4))),
    st.binary(min_size=1, max_size=1),
)


def met(held: Held | None, step: Step) -> Outcome:
    if held is None:
        return outcome_of(None, step.incoming, is_same=False)
    return outcome_of(held.stored, step.incoming, is_same=held.content == step.content)


def after(held: Held | None, step: Step, outcome: Outcome) -> Held | None:
    """What is stored once an outcome has been carried out."""
    if outcome is Outcome.NEW:
        return Held(Stored(1, "open"), step.content)
    assert held is not None or outcome in (Outcome.AMENDS_NOTHING, Outcome.NOT_FOUND)
    if held is not None and outcome is Outcome.AMENDED:
        return Held(Stored(held.stored.version + 1, held.stored.standing), step.content)
    if held is not None and outcome is Outcome.TAKEN_BACK:
        return Held(Stored(held.stored.version, "withdrawn"), held.content)
    return held


@given(st.lists(incoming_steps, max_size=12))
def test_whatever_comes_in_any_order_versions_count_up_and_what_is_withdrawn_stays(
    steps: list[Step],
) -> None:
    held: Held | None = None
    for step in steps:
        outcome = met(held, step)
        changed = after(held, step, outcome)

        if held is not None:
            assert changed is not None
            assert changed.stored.version - held.stored.version == (outcome is Outcome.AMENDED)
            assert held.stored.standing != "withdrawn" or changed == held
            assert changed == held or outcome in (Outcome.AMENDED, Outcome.TAKEN_BACK)
        held = changed


@given(st.lists(incoming_steps, max_size=8), incoming_steps)
def test_what_has_just_come_changes_nothing_when_it_comes_again(steps: list[Step], last: Step) -> None:
    held: Held | None = None
    for step in steps:
        held = after(held, step, met(held, step))
    outcome = met(held, last)
    held = after(held, last, outcome)

    assert after(held, last, met(held, last)) == held
    if outcome in (Outcome.NEW, Outcome.AMENDED, Outcome.TAKEN_BACK, Outcome.REPEATED):
        assert met(held, last) is Outcome.REPEATED


@given(st.integers(1, 9), st.sampled_from(STANDINGS), incoming_steps)
def test_nothing_but_the_newest_version_is_replaced_or_taken_back(
    version: int, standing: Standing, step: Step
) -> None:
    incoming = step.incoming
    outcome = outcome_of(Stored(version, standing), incoming, is_same=False)

    if outcome is Outcome.AMENDED:
        assert incoming.version == version
    if outcome is Outcome.TAKEN_BACK:
        assert incoming.version in (None, version)
    if outcome in (Outcome.AMENDED, Outcome.TAKEN_BACK):
        assert standing == "open"


def test_same_content_is_answered_from_the_store_as_long_as_it_is_kept() -> None:
    for standing, version in itertools.product(STANDINGS, (None, 1, 7)):
        incoming = Incoming("original" if version is None else "amendment", version)
        is_kept = standing != "expired"
        expected = Outcome.REPEATED if is_kept else Outcome.REFERENCE_REUSED
        assert outcome_of(Stored(3, standing), incoming, is_same=True) is expected


def test_where_nothing_is_stored_only_an_original_is_taken() -> None:
    outcomes = {kind: outcome_of(None, Incoming(kind, 1), is_same=False) for kind in KINDS}

    assert outcomes == {
        "original": Outcome.NEW,
        "amendment": Outcome.AMENDS_NOTHING,
        "withdrawal": Outcome.NOT_FOUND,
    }


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=20),
    st.sets(st.sampled_from("abc")),
)
def test_rounds_keep_the_order_of_each_name_and_lose_nothing(
    sent: list[tuple[str, bool]], undecided: set[str]
) -> None:
    names, amends = [name for name, _ in sent], [amends for _, amends in sent]
    rounds: list[list[int]] = []
    left, closed = list(range(len(sent))), set(undecided)
    while left:
        now, later = next_round([names[one] for one in left], [amends[one] for one in left], closed)
        rounds.append([left[one] for one in now])
        left, closed = [left[one] for one in later], set()

    assert not undecided.intersection(names[one] for one in (rounds[0] if rounds else []))
    order = [one for its in rounds for one in its]
    assert sorted(order) == list(range(len(sent)))
    for name in set(names):
        assert [one for one in order if names[one] == name] == [
            one for one in range(len(sent)) if names[one] == name
        ]
    for its in rounds:
        by_name: dict[str, list[Any]] = {}
        for one in its:
            by_name.setdefault(names[one], []).append(amends[one])
        assert all(len(one) == 1 or not any(one) for one in by_name.values())
