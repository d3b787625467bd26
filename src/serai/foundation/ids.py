"""Ids: 63-bit numbers in order of time, made in bulk by the process itself, unique without asking anybody.

From the top: 41 bits of milliseconds since 2025-01-01 (until 2094), 10 bits of node, 12 bits of sequence.
"""

import threading
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import numpy.typing as npt

from serai.foundation.clock import Clock
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

_EPOCH = datetime(2025, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_NODE_BITS = 10
_SEQUENCE_BITS = 12
MILLISECOND_SHIFT = _NODE_BITS + _SEQUENCE_BITS
"""Where the milliseconds begin in an id."""
_SEQUENCE_MASK = 2**_SEQUENCE_BITS - 1

Ids = npt.NDArray[np.int64]


class NodeLease(msgspec.Struct, frozen=True):
    """The right to make ids with a node number, for instants from `not_before` until `leased_until`."""

    node_id: int
    not_before: datetime
    leased_until: datetime


class IdSource:
    """Makes ids for one node; safe in threads.

    An id is never made for an instant outside the lease: the next holder of the number begins where this one
    ends, so that even clocks that disagree cannot make an id twice.
    """

    def __init__(self, lease: NodeLease, clock: Clock) -> None:
        self._lock = threading.Lock()
        self._clock = clock
        self._lease = lease
        # Milliseconds and sequence in one number, which only ever counts up.
        self._next_tick = _milliseconds(lease.not_before) << _SEQUENCE_BITS

    @property
    def lease(self) -> NodeLease:
        """Return the lease as last renewed."""
        return self._lease

    def renew(self, lease: NodeLease) -> None:
        """Go on under a longer lease of the same node."""
        assert lease.node_id == self._lease.node_id, "another node needs an IdSource of its own"
        self._lease = lease

    def begin_anew(self, lease: NodeLease) -> None:
        """Go on with another number, or with the same one leased again, after a lease has ended."""
        with self._lock:
            self._lease = lease
            self._next_tick = max(self._next_tick, _milliseconds(lease.not_before) << _SEQUENCE_BITS)

    def take(self, count: int) -> Ids:
        """Return `count` new ids, strictly increasing, above all taken before.

        Many at once run a little ahead of the clock: 4,096 fit in a millisecond. Raises SeraiError
        `node-lease-ended` when the lease was not renewed in time.
        """
        with self._lock:
            begin = max(self._next_tick, _milliseconds(self._clock.now()) << _SEQUENCE_BITS)
            end = begin + count
            if end > _milliseconds(self._lease.leased_until) << _SEQUENCE_BITS:
                raise SeraiError(
                    "node-lease-ended",
                    MessageText(
                        "The lease of node {node_id} was not renewed in time.",
                        node_id=str(self._lease.node_id),
                    ),
                    "Send it again; if it stays, see that the database answers and that clocks agree.",
                )
            self._next_tick = end
        ticks: Ids = np.arange(begin, end, dtype=np.int64)
        node = self._lease.node_id << _SEQUENCE_BITS
        ids: Ids = (ticks >> _SEQUENCE_BITS) << MILLISECOND_SHIFT
        ids |= node | (ticks & _SEQUENCE_MASK)
        return ids

    def used_until(self) -> datetime:
        """Return the instant from which another may make ids with this number, for ending the lease early."""
        with self._lock:
            milliseconds = (self._next_tick + _SEQUENCE_MASK) >> _SEQUENCE_BITS
        return _instant(milliseconds)


def following(first: int, count: int) -> list[int]:
    """Return `first` and the ids that `take` made right after it: `count` in all."""
    node = first & (2**_NODE_BITS - 1) << _SEQUENCE_BITS
    tick = first >> MILLISECOND_SHIFT << _SEQUENCE_BITS | first & _SEQUENCE_MASK
    return [
        (one >> _SEQUENCE_BITS) << MILLISECOND_SHIFT | node | (one & _SEQUENCE_MASK)
        for one in range(tick, tick + count)
    ]


def first_id_at(at: datetime) -> int:
    """Return the least id that can have been made at an instant or later."""
    return max(_milliseconds(at), 0) << MILLISECOND_SHIFT


def read_instant(number: int) -> datetime:
    """Return the instant (to the millisecond) at which an id was made."""
    return _instant(number >> MILLISECOND_SHIFT)


def _milliseconds(at: datetime) -> int:
    return (at - _EPOCH) // _MILLISECOND


def _instant(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)
