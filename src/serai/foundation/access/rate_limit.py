"""How often, and how much at once, a party or a stranger may ask: counted in the process."""

from collections import Counter, OrderedDict
from typing import Final, NamedTuple

BUCKETS_COUNT_MAX: Final = 100_000


class RateLimit:
    """Token buckets by name of the asker.

    per_second: tokens that flow in each second; burst: what a full bucket holds. Each process counts for
    itself: with n processes a party may reach n times the rate, which protects the machine all the same.
    """

    def __init__(self, *, per_second: float, burst: float) -> None:
        assert per_second > 0
        assert burst >= 1
        self.per_second = per_second
        self.burst = burst
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, asker: str, monotonic_s: float) -> float:
        """Take one token; return 0.0, or the seconds to wait until there is one."""
        tokens, filled_s = self._buckets.pop(asker, (self.burst, monotonic_s))
        tokens = min(self.burst, tokens + (monotonic_s - filled_s) * self.per_second)
        wait_s = 0.0 if tokens >= 1 else (1 - tokens) / self.per_second
        self._buckets[asker] = (tokens - 1 if tokens >= 1 else tokens, monotonic_s)
        if len(self._buckets) > BUCKETS_COUNT_MAX:
            self._buckets.popitem(last=False)  # the one that has asked least recently
        return wait_s


class AtOnce:
    """How many things of an asker may be under way."""

    def __init__(self, count_max: int) -> None:
        self.count_max = count_max
        self._counts: Counter[str] = Counter()

    def begin(self, asker: str) -> bool:
        """Count one more; False, and nothing is counted, where there are as many as may be."""
        if self._counts[asker] >= self.count_max:
            return False
        self._counts[asker] += 1
        return True

    def end(self, asker: str) -> None:
        """Count one less."""
        self._counts[asker] -= 1
        if not self._counts[asker]:
            del self._counts[asker]


class AskingLimits(NamedTuple):
    """party: requests of a party, or of somebody who is signed in. public: of an address that shows nothing.
    bodies: requests with a body of either that are under way.
    """

    party: RateLimit
    public: RateLimit
    bodies: AtOnce
