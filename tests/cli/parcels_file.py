"""Files of invented parcels with the lists that assess them, written once for all tests that read them."""

import datetime as dt
from functools import cache

import msgspec

from serai.laboratory.invented.parcels import consignments

CUTOVER = dt.datetime(2026, 6, 30, 22, tzinfo=dt.UTC)
EXCHANGE_RATES = "table,home,currency,numerator,denominator,direction,valid_from,valid_to,source\n" + "".join(
    f"{table},{home},{currency},{rate},1000,home_per_foreign,2000-01-01,,invented\n"
    for table, home in (("eu-customs-monthly", "EUR"), ("ecb-daily", "EUR"))
    for currency, rate in (("USD", 920), ("GBP", 1170), ("CNY", 128), ("AUD", 610), ("JPY", 6))
)


@cache
def invented_lines(count: int) -> bytes:
    """NDJSON of invented consignments around 1 July 2026, faulty ones and repeats among them."""
    day = dt.timedelta(days=1)
    records = consignments(
        count, at=CUTOVER + 3 * day, first_acceptance=CUTOVER - day, last_acceptance=CUTOVER + day
    )
    return msgspec.json.Encoder().encode_lines(list(records))
