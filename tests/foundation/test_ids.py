"""Ids: unique, in order, and safe to type."""

import threading
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import AsyncConnection

from serai.foundation.clock import FixedClock, SystemClock
from serai.foundation.id_text import format_id, format_ids, parse_id
from serai.foundation.ids import IdSource, NodeLease, read_instant
from serai.foundation.node_leases import LEASE, end_lease, lease_node, renew_node
from serai.model.errors import SeraiError
from tests.costs import costs_at_most

AT = datetime(2026, 7, 1, 12, tzinfo=UTC)
IDS = st.integers(min_value=0, max_value=2**63 - 1)


def make_lease(node_id: int = 5) -> NodeLease:
    return NodeLease(node_id, AT - timedelta(days=1), AT + timedelta(days=1))


@given(st.lists(st.tuples(st.integers(0, 20_000), st.integers(-50, 50)), max_size=12), st.integers(0, 1023))
def test_ids_only_ever_rise_whatever_the_clock_does(steps: list[tuple[int, int]], node_id: int) -> None:
    clock = FixedClock(AT)
    source = IdSource(make_lease(node_id), clock)

    parts = []
    for count, moved_ms in steps:
        parts.append(source.take(count))
        clock.move(timedelta(milliseconds=moved_ms))
    ids = np.concatenate([np.array([0]), *parts])

    assert ids.dtype == np.int64
    assert (np.diff(ids) > 0).all()
    assert {int(node) for node in (ids[1:] >> 12) & 1023} <= {node_id}


def test_an_id_tells_when_it_was_made() -> None:
    (number,) = IdSource(make_lease(), FixedClock(AT)).take(1)

    assert read_instant(int(number)) == AT


def test_threads_never_get_the_same_id() -> None:
    source = IdSource(NodeLease(1, AT, datetime(2090, 1, 1, tzinfo=UTC)), SystemClock())
    taken: list[list[int]] = []

    def take_often() -> None:
        taken.append([int(number) for _ in range(300) for number in source.take(7)])

    threads = [threading.Thread(target=take_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({number for numbers in taken for number in numbers}) == 4 * 300 * 7


def test_no_id_is_made_outside_the_lease() -> None:
    clock = FixedClock(AT - timedelta(seconds=5))
    source = IdSource(NodeLease(5, AT, AT + timedelta(milliseconds=2)), clock)

    first = source.take(8192)

    assert read_instant(int(first[0])) == AT, "a clock that runs behind does not reach into the lease before"
    with pytest.raises(SeraiError, match="node-lease-ended"):
        source.take(1)
    source.renew(NodeLease(5, AT, AT + LEASE))
    assert source.take(1)[0] > first[-1]


@given(IDS)
def test_text_and_back(number: int) -> None:
    text = format_id(number)

    assert parse_id(text) == number
    assert parse_id(text.lower().replace("-", " ").replace("0", "o").replace("1", "l")) == number
    assert [len(group) for group in text.split("-")] == [4, 4, 4, 2]


@given(IDS, st.integers(0, 13), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_one_wrong_character_is_noticed(number: int, place: int, letter: str) -> None:
    letters = list(format_id(number).replace("-", ""))
    if letters[place] == letter:
        return
    letters[place] = letter

    with pytest.raises(SeraiError, match="id-mistyped"):
        parse_id("".join(letters))


@given(IDS, st.integers(0, 13), st.integers(0, 13))
def test_two_exchanged_characters_are_noticed(number: int, one: int, other: int) -> None:
    letters = list(format_id(number).replace("-", ""))
    if letters[one] == letters[other]:
        return
    letters[one], letters[other] = letters[other], letters[one]

    with pytest.raises(SeraiError, match="id-mistyped"):
        parse_id("".join(letters))


@pytest.mark.parametrize(
    "text", ["", "0", "0000-0000-0000-0", "0000-0000-0000-000", "U000-0000-0000-00", "ZZZZ-ZZZZ-ZZZZ-ZZ", "é"]
)
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(SeraiError, match="id-mistyped"):
        parse_id(text)


def test_many_are_written_like_one() -> None:
    numbers = np.array([0, 1, 2**63 - 1, 2**62 + 12345], dtype=np.int64)

    assert format_ids(numbers) == [format_id(int(number)) for number in numbers]


async def test_leases_are_apart_and_a_returned_number_goes_on_where_it_ended(database: str) -> None:
    async with await AsyncConnection.connect(database) as connection:
        first = await lease_node(connection, "first", AT)
        second = await lease_node(connection, "second", AT)
        ahead = AT + timedelta(seconds=3)
        await end_lease(connection, first, "first", ahead)
        renewed = await renew_node(connection, second, "second", AT + timedelta(seconds=20))
        later = [
            await lease_node(connection, f"h{number}", AT + timedelta(seconds=1)) for number in range(1022)
        ]
        with pytest.raises(SeraiError, match="no-node-free"):
            await lease_node(connection, "one too many", AT + timedelta(seconds=2))
        again = await lease_node(connection, "again", AT + timedelta(seconds=4))
        await connection.rollback()

    assert first.node_id != second.node_id
    assert renewed.leased_until == AT + timedelta(seconds=20) + LEASE
    assert len({lease.node_id for lease in later} | {first.node_id, second.node_id}) == 1024
    assert again.node_id == first.node_id
    assert again.not_before >= ahead


async def test_a_lease_renewed_too_late_is_lost(database: str) -> None:
    late = AT + timedelta(days=9)
    async with await AsyncConnection.connect(database) as connection:
        lease = await lease_node(connection, "late", late)

        with pytest.raises(SeraiError, match="node-lease-ended"):
            await renew_node(connection, lease, "late", late + LEASE)
        await connection.rollback()


async def test_ids_go_on_while_the_clock_is_an_hour_back(database: str) -> None:
    """A lease renewed by the earlier clock ended before the ids there were: none came for an hour."""
    clock = FixedClock(AT + timedelta(days=20))
    async with await AsyncConnection.connect(database) as connection:
        source = IdSource(await lease_node(connection, "back", clock.now()), clock)
        before = source.take(10)

        clock.move(timedelta(hours=-1))
        taken = [before]
        for _ in range(240):
            source.renew(await renew_node(connection, source.lease, "back", clock.now()))
            taken.append(source.take(10_000))
            clock.move(timedelta(seconds=15))
        await connection.rollback()

    assert (np.diff(np.concatenate(taken)) > 0).all()


def test_after_a_lost_lease_ids_go_on_above_all_before() -> None:
    clock = FixedClock(AT)
    source = IdSource(NodeLease(5, AT, AT + timedelta(seconds=60)), clock)
    before = source.take(10)
    clock.move(timedelta(seconds=90))
    with pytest.raises(SeraiError, match="node-lease-ended"):
        source.take(1)

    source.begin_anew(NodeLease(2, clock.now() + timedelta(seconds=1), clock.now() + timedelta(seconds=60)))
    after = source.take(10)

    assert after.min() > before.max()
    assert read_instant(int(after[0])) == clock.now() + timedelta(seconds=1)


def test_a_very_long_text_is_refused_at_once() -> None:
    with costs_at_most(cpu_s=1), pytest.raises(SeraiError, match="id-mistyped"):
        parse_id("X" * 1_000_000)
