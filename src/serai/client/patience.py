"""When a call is made again: nobody answered, the server is busy, or an answer was cut off."""

from typing import Final

PAUSE_S: Final = 0.25
PAUSE_S_MAX: Final = 20.0
AGAIN: Final = frozenset({408, 429, 502, 503, 504})


def pause_s(failures_count: int, *, jitter: float, asked_s: float | None = None) -> float:
    """Return the seconds to wait after so many failures (from 1).

    jitter: 0 to 1: half the pause to the whole. asked_s: what the server asked for (Retry-After): at least.
    """
    pause: float = min(PAUSE_S * 2 ** (failures_count - 1), PAUSE_S_MAX)
    return max(pause * (0.5 + 0.5 * jitter), asked_s or 0.0)


def asked_pause_s(retry_after: str | None) -> float | None:
    """Read a Retry-After header in seconds; at most a minute is granted."""
    if retry_after is None or not retry_after.isascii() or not retry_after.isdigit():
        return None
    return min(float(retry_after), 60.0)
