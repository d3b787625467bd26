"""What becomes of whatever comes under a reference, whatever came before."""

import itertools
from typing import Any, Literal, get_args

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

incoming_steps = st.builds(
    Incoming,
    st.sampled_from(KINDS),
    st.binary(min_size=1, max_size=1),
    st.one_of(st.none(), st.integers(1, 4)),
).map(lambda one: Incoming(one.kind, b"" if one.kind == "withdrawal" else one.content_hash, _version(one)))


def _version(one: Incoming) -> int | None:
    if one.kind == "original":
        return None
    return one.version or (1 if one.kind == "amendment" else None)


def after(stored: Stored | None, incoming: Incoming, outcome: Outcome) -> Stored | None:
    """What is stored once an outcome has been carried out."""
    if outcome is Outcome.NEW:
        return Stored(1, incoming.content_hash, "open")
    assert stored is not None or outcome in (Outcome.AMENDS_NOTHING, Outcome.NOT_FOUND)
    if stored is not None and outcome is Outcome.AMENDED:
        return Stored(stored.version + 1, incoming.content_hash, stored.standing)
    if stored is not None and outcome is Outcome.TAKEN_BACK:
        return Stored(stored.version, stored.content_hash, "withdrawn")
    return stored


@given(st.lists(incoming_steps, max_size=12))
def test_whatever_comes_in_any_order_versions_count_up_and_what_is_withdrawn_stays(
    steps: list[Incoming],
) -> None:
    stored: Stored | None = None
    for incoming in steps:
        outcome = outcome_of(stored, incoming)
        changed = after(stored, incoming, outcome)

        if stored is not None:
            assert changed is not None
            assert changed.version - stored.version == (outcome is Outcome.AMENDED)
            assert stored.standing != "withdrawn" or changed == stored
            assert changed == stored or outcome in (Outcome.AMENDED, Outcome.TAKEN_BACK)
        stored = changed


@given(st.lists(incoming_steps, max_size=8), incoming_steps)
def test_what_has_just_come_changes_nothing_when_it_comes_again(
    steps: list[Incoming], last: Incoming
) -> None:
    stored: Stored | None = None
    for incoming in steps:
        stored = after(stored, incoming, outcome_of(stored, incoming))
    outcome = outcome_of(stored, last)
    stored = after(stored, last, outcome)

    assert after(stored, last, outcome_of(stored, last)) == stored
    if outcome in (Outcome.NEW, Outcome.AMENDED, Outcome.TAKEN_BACK, Outcome.REPEATED):
        assert outcome_of(stored, last) is Outcome.REPEATED


@given(st.integers(1, 9), st.sampled_from(STANDINGS), incoming_steps)
def test_nothing_but_the_newest_version_is_replaced_or_taken_back(
    version: int, standing: Standing, incoming: Incoming
) -> None:
    outcome = outcome_of(Stored(version, b"stored", standing), incoming)

    if outcome is Outcome.AMENDED:
        assert incoming.version == version
    if outcome is Outcome.TAKEN_BACK:
        assert incoming.version in (None, version)
    if outcome in (Outcome.AMENDED, Outcome.TAKEN_BACK):
        assert standing == "open"


def test_same_content_is_answered_from_the_store_however_it_stands() -> None:
    for standing, version in itertools.product(STANDINGS, (None, 1, 7)):
        incoming = Incoming("original" if version is None else "amendment", b"same", version)
        assert outcome_of(Stored(3, b"same", standing), incoming) is Outcome.REPEATED


def test_where_nothing_is_stored_only_an_original_is_taken() -> None:
    outcomes = {kind: outcome_of(None, Incoming(kind, b"x", 1)) for kind in KINDS}

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
