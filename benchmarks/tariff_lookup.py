"""Looking goods up in a large tariff: all at once against one by one, in one run; and importing it.

160,000 measures (third country, preferences by country, anti-dumping of producers and of all others), a
million goods items, of which some bear codes that are too short and half claim an additional code. Times
are processor time.

    uv run python benchmarks/tariff_lookup.py
"""

import datetime as dt
import random
from io import StringIO
from time import process_time

import numpy as np
from serai.formats.tariff_files.reading import TariffFile, read_tariff
from serai.formats.tariff_files.tariff_csv import TariffCsvWriter
from serai.law.load import decode_table
from serai.law.tariff import CODE_TOO_SHORT, Asked, Tariff, TariffLine, day_number
from serai.model.columns import Coded, encode_words

MEASURES, ITEMS, ALONE = 120_000, 1_000_000, 20_000
ORIGINS = ("CN", "US", "KR", "NO", "VN", "BD", "TR", "JP")
PRODUCERS = tuple(f"C{number}" for number in range(100, 140))
DAY = day_number(dt.date(2026, 8, 1))
HEADINGS = (
    "commodity__code,measure__type__id,measure__duty_expression,measure__effective_start_date,"
    "measure__geographical_area__id,measure__additional_code__code\n"
)


def main() -> None:
    """Import, load, look up; print the figures."""
    chance = random.Random(3)
    rows = measures(chance)
    content = (HEADINGS + "".join(rows)).encode()
    started = process_time()
    outcomes = list(read_tariff(TariffFile(content, "measures.csv", "taric-csv", {}), "GBP", []))
    lines = [line for one in outcomes for line in one.lines]
    imported = process_time() - started
    assert len(lines) == len(outcomes), next(one for one in outcomes if not one.lines)

    table = _table(lines)
    started = process_time()
    tariff = Tariff(decode_table(table, TariffLine, "tariff.csv"))
    loaded = process_time() - started

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
    started = process_time()
    found = tariff.find_all("duty", (commodity, origin, None), territory, days)
    together = process_time() - started

    words, origins = commodity.texts(), origin.texts()
    started = process_time()
    alone = [
        tariff.find(Asked("duty", words[row] or "", origins[row] or "", "", "GB", DAY))
        for row in range(ALONE)
    ]
    one_by_one = process_time() - started
    assert alone == found[:ALONE].tolist()
    additional = Coded(PRODUCERS, np.random.default_rng(5).integers(-40, 40, ITEMS).astype(np.int32))
    additional = Coded(PRODUCERS, np.maximum(additional.codes, -1))
    started = process_time()
    dumping = tariff.find_all("dumping", (commodity, origin, None), territory, days, additional)
    with_codes = process_time() - started

    print(f"measures                 {len(lines):>10,}")
    print(f"import, seconds          {imported:>10.2f}   {1e6 * imported / len(lines):.1f} us a measure")
    print(f"load, seconds            {loaded:>10.2f}   {1e6 * loaded / len(lines):.1f} us a line")
    print(f"items at once, seconds   {together:>10.2f}   {1e6 * together / ITEMS:.2f} us an item")
    print(f"with additional codes    {with_codes:>10.2f}   {1e6 * with_codes / ITEMS:.2f} us an item")
    print(f"of which fit a producer  {_count_producers(tariff, dumping):>10,}")
    each = 1e6 * one_by_one / ALONE
    print(f"items one by one         {each * ITEMS / 1e6:>10.2f}   {each:.2f} us an item, from {ALONE:,}")
    print(f"at once is faster by     {one_by_one * ITEMS / ALONE / together:>10.1f}")
    print(f"codes too short          {int((found == CODE_TOO_SHORT).sum()):>10,}")


def _table(lines: list[TariffLine]) -> bytes:
    rows, short = StringIO(newline=""), StringIO(newline="")
    writer = TariffCsvWriter(rows)
    for line in lines:
        writer.add(line)
    rows.seek(0)
    writer.shorten(rows, short)
    return short.getvalue().encode()


def _count_producers(tariff: Tariff, found: np.ndarray) -> int:
    is_producers = np.array([line.additional_code != "" for line in tariff.lines])
    return int(is_producers[found[found >= 0]].sum())


def measures(chance: random.Random) -> list[str]:
    """Draw rows of a file of measures: a third country duty and two preferences for each code."""
    codes = sorted(
        {f"{chance.randrange(10**7, 10**8)}{chance.choice(('00', '10', '20'))}" for _ in range(MEASURES // 3)}
    )
    found = []
    for code in codes:
        found.append(f"{code},103,{chance.choice((0, 2, 4, 6.5, 8, 12))}%,2021-01-01,1011,\n")
        found += [
            f"{code},142,{chance.choice((0, 2))}%,2021-01-01,{at},\n" for at in chance.sample(ORIGINS, 2)
        ]
        if chance.random() < 0.33:
            found.append(f"{code},552,48.5%,2021-01-01,CN,C999\n")
            found += [
                f"{code},552,{chance.choice((12, 20))}%,2021-01-01,CN,{producer}\n"
                for producer in chance.sample(PRODUCERS, 2)
            ]
    return found


if __name__ == "__main__":
    main()
