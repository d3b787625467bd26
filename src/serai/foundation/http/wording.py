"""Numbers, sums and times as people read them; used as filters in templates."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from serai.model.money import PLACES

_NARROW_SPACE: Final = "\u202f"
_NO_BREAK_SPACE: Final = "\u00a0"


def money_text(amount_minor: int, currency: str) -> str:
    """`1429, "EUR"` reads `EUR 14.29`; places by ISO 4217, the code before, as customs papers have it."""
    return f"{currency}{_NO_BREAK_SPACE}{amount_text(amount_minor, currency)}"


def amount_text(amount_minor: int, currency: str) -> str:
    """`6129015, "EUR"` reads `61,290.15`, without the code: for a column whose head names the currency."""
    places = PLACES.get(currency, 2)
    sign = "\u2212" if amount_minor < 0 else ""
    whole, part = divmod(abs(amount_minor), 10**places)
    return f"{sign}{whole:,}" + (f".{part:0{places}d}" if places else "")


def count_text(count: int) -> str:
    """`100014` reads `100,014`."""
    return f"{count:,}"


def share_text(part: int, whole: int) -> str:
    """Per cent, one place under ten and next to all; never rounded up to 100 % nor down to 0 %."""
    permille = (2000 * part + whole) // (2 * whole) if whole else 0
    if part and not permille:
        return f"<{_NARROW_SPACE}0.1{_NARROW_SPACE}%"
    if part < whole:
        permille = min(permille, 999)
    if 100 <= permille < 990:
        permille = (permille + 5) // 10 * 10
    places = f".{permille % 10}" if permille % 10 else ""
    return f"{permille // 10}{places}{_NARROW_SPACE}%"


def rate_text(rate_ppm: int) -> str:
    """`125000` reads `12.5 %`, all places that there are."""
    whole, part = divmod(abs(rate_ppm), 10_000)
    places = f".{part:04d}".rstrip("0") if part else ""
    sign = "\u2212" if rate_ppm < 0 else ""
    return f"{sign}{whole}{places}{_NARROW_SPACE}%"


def time_left_text(until: datetime, at: datetime) -> str:
    """`3 h 12 min`, `2 days 4 h`, `48 s`; what lies behind reads `41 min ago`."""
    left = until - at
    rendered = duration_text(abs(left))
    return f"{rendered} ago" if left < timedelta(0) else rendered


def duration_text(duration: timedelta) -> str:
    """The two largest units of a duration."""
    seconds = int(duration.total_seconds())
    days, hours, minutes = seconds // 86_400, seconds // 3600 % 24, seconds // 60 % 60
    gap = _NO_BREAK_SPACE
    if days:
        return f"{days}{gap}day{'s' if days > 1 else ''}" + (f" {hours}{gap}h" if hours else "")
    if hours:
        return f"{hours}{gap}h {minutes:02d}{gap}min"
    return f"{minutes}{gap}min" if minutes else f"{seconds}{gap}s"


def local_time_text(at: datetime, time_zone: str) -> str:
    """`25 Nov 2026, 14:02 (Dublin)`: a time always says where it is local."""
    local = at.astimezone(ZoneInfo(time_zone))
    return f"{local.day} {local:%b %Y, %H:%M} ({place_text(time_zone)})".replace(" ", _NO_BREAK_SPACE, 2)


def clock_text(at: datetime, time_zone: str) -> str:
    """`14:02 (Dublin)`: the time alone, where the day is plain."""
    return f"{at.astimezone(ZoneInfo(time_zone)):%H:%M}{_NO_BREAK_SPACE}({place_text(time_zone)})"


def day_clock_text(at: datetime, time_zone: str) -> str:
    """`25 Nov, 14:02`: for a column whose head says where its times are local."""
    local = at.astimezone(ZoneInfo(time_zone))
    return f"{local.day} {local:%b, %H:%M}".replace(" ", _NO_BREAK_SPACE)


def place_text(time_zone: str) -> str:
    """`Dublin`: where a time zone is local."""
    return time_zone.rpartition("/")[2].replace("_", " ")
