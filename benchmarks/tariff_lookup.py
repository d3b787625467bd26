"""Looking goods up in a large tariff: all at once against one by one, in one run; and importing it.

120,000 measures (third country, preferences by country and by group, of codes with 4 to 10 digits), a million
goods items, of which some bear codes that are too short.

    uv run python benchmarks/tariff_lookup.py
"""

import datetime as dt
import random
from time import perf_counter

import numpy as np
from serai.formats.tariff_files.reading import TariffFile, read_tariff
from serai.formats.tariff_files.tariff_csv import write_tariff_csv
from serai.law.load import decode_table
from serai.law.tariff import CODE_TOO_SHORT, Asked, Tariff, TariffLine, day_number
from serai.model.columns import Coded, encode_words

MEASURES, ITEMS, ALONE = 120_000, 1_000_000, 20_000
ORIGINS = ("CN", "US", "KR", "NO", "VN", "BD", "TR", "JP")
DAY = day_number(dt.date(2026, 8, 1))
HEADINGS = (
    "commodity__code,measure__type__id,measure__duty_expression,measure__effective_start_date,"
    "measure__geographical_area__id\n"
)


def main() -> None:
    """Import, load, look up; print the figures."""
    chance = random.Random(3)
    rows = measures(chance)
    content = (HEADINGS + "".join(rows)).encode()
    started = perf_counter()
    outcomes = read_tariff(TariffFile(content, "measures.csv", "taric-csv", {}), "GBP", [])
    lines = [line for one in outcomes for line in one.lines]
    imported = perf_counter() - started
    assert len(lines) == len(outcomes), next(one for one in outcomes if not one.lines)

    table = write_tariff_csv(lines)
    started = perf_counter()
    tariff = Tariff(decode_table(table, TariffLine, "tariff.csv"))
    loaded = perf_counter() - started

    codes = sorted({row[:10] for row in rows})
    asked = [code[: chance.choice((6, 8, 10, 10, 10))] for code in chance.choices(codes, k=200_000)]
    commodity = encode_words(asked)
    places = np.random.default_rng(3).integers(0, len(asked), ITEMS)
    commodity = Coded(commodity.words, commodity.codes[places])
    origin = Coded(ORIGINS, np.random.default_rng(4).integers(0, len(ORIGINS), ITEMS).astype(np.int32))
    territory = Coded(("GB",), np.zeros(ITEMS, dtype=np.int32))
    days = np.full(ITEMS, DAY, dtype=np.int64)
    tariff.find_all(
        "duty",
        (commodity.take(places[:100]), origin.take(places[:100]), None),
        territory.take(places[:100]),
        days[:100],
    )
    started = perf_counter()
    found = tariff.find_all("duty", (commodity, origin, None), territory, days)
    together = perf_counter() - started

    words, origins = commodity.texts(), origin.texts()
    started = perf_counter()
    alone = [
        tariff.find(Asked("duty", words[row] or "", origins[row] or "", "", "GB", DAY))
        for row in range(ALONE)
    ]
    one_by_one = perf_counter() - started
    assert alone == found[:ALONE].tolist()
    print(f"measures                 {len(lines):>10,}")
    print(f"import, seconds          {imported:>10.2f}   {1e6 * imported / len(lines):.1f} us a measure")
    print(f"load, seconds            {loaded:>10.2f}   {1e6 * loaded / len(lines):.1f} us a line")
    print(f"items at once, seconds   {together:>10.2f}   {1e6 * together / ITEMS:.2f} us an item")
    each = 1e6 * one_by_one / ALONE
    print(f"items one by one         {each * ITEMS / 1e6:>10.2f}   {each:.2f} us an item, from {ALONE:,}")
    print(f"at once is faster by     {one_by_one * ITEMS / ALONE / together:>10.1f}")
    print(f"codes too short          {int((found == CODE_TOO_SHORT).sum()):>10,}")


def measures(chance: random.Random) -> list[str]:
    """Draw rows of a file of measures: a third country duty and two preferences for each code."""
    codes = sorted(
        {f"{chance.randrange(10**7, 10**8)}{chance.choice(('00', '10', '20'))}" for _ in range(MEASURES // 3)}
    )
    found = []
    for code in codes:
        found.append(f"{code},103,{chance.choice((0, 2, 4, 6.5, 8, 12))}%,2021-01-01,1011\n")
        found += [
            f"{code},142,{chance.choice((0, 2))}%,2021-01-01,{at}\n" for at in chance.sample(ORIGINS, 2)
        ]
    return found


if __name__ == "__main__":
    main()
