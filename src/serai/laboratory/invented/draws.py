"""The yardstick's parcels: the same seed gives the same records as `shared/bench/parcels.py`, byte for byte.

One record is one consignment; two in a hundred are faulty on purpose, one in a hundred is sent twice.
The format is the yardstick's own. `parcels.py` turns a record into the documents that parties send.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from serai.laboratory.invented import names, numbers, rates

FAULTS = ("missing", "country", "weight", "currency", "duplicate")
PLATFORM_IDS = tuple(f"PF{number:03d}" for number in range(12))
"""The yardstick's platforms, by which its parcels name where they were sold."""
FLIGHT_CONSIGNMENTS = 4_000
"""Consignments a flight."""
PREFIXES = (172, 176, 784, 999)
"""Airline prefixes of the master air waybills, flight by flight in turn."""
DESTINATIONS = dict(
    zip(
        ("DE", "FR", "NL", "IT", "ES", "PL", "BE", "SE", "IE", "AT", "GB", "US", "AU"),
        (14, 12, 6, 6, 6, 5, 2, 2, 1, 1, 15, 22, 8),
        strict=True,
    )
)
ORIGINS = dict(
    zip(
        ("CN", "HK", "VN", "TR", "IN", "US", "GB", "KR", "JP", "BD", "TH", "IT", "DE"),
        (70, 6, 4, 4, 3, 3, 2, 2, 2, 1, 1, 1, 1),
        strict=True,
    )
)
_CHAPTERS = {"61": 18, "62": 15, "64": 8, "85": 17, "95": 11, "71": 7, "42": 8, "33": 6, "39": 6, "94": 4}
_WORDS = {
    "61": "knit t-shirt,sweater,leggings,socks,underwear,blouse",
    "62": "woven trousers,dress,bra,coat,belt",
    "64": "running shoes,sandals,leather boots",
    "95": "building blocks toy,game controller,yoga band,party decoration",
    "85": "usb charger,bluetooth earphones,phone,data cable,power bank,action camera,led bulb",
    "71": "alloy necklace,bead bracelet,silver ring",
    "42": "handbag,wallet,backpack",
    "33": "face cream,lipstick,perfume,hair oil",
    "39": "silicone phone case,kitchen box,figurine",
    "94": "led strip lamp,pillow,bedside shelf,folding chair",
}
_STYLES = ("black", "white", "red", "blue", "set of 2", "size L", "mini")
_VAGUE = ("gift", "Gift", "parts", "accessories", "ACCESSORIES", "sample", "goods", "daily necessities")
_STREETS = ("Harbour Road", "Mill Lane", "Station Street", "Ring Avenue", "Orchard Way", "Canal Side")
_CURRENCIES = {"home": 60, "USD": 24, "CNY": 10, "JPY": 2, "KRW": 2, "CAD": 1, "TRY": 1}
_RECENT = 500

Record = dict[str, Any]


class Draw(NamedTuple):
    """A record and whence it comes.

    serial: of the consignment first drawn (a repeat has its original's). fault: one of FAULTS, or None.
    """

    serial: int
    fault: str | None
    record: Record


def import_numbers(seed: int, count: int) -> list[str]:
    """Give the 300 scheme numbers that `draws` deals out; every twentieth has a wrong check digit."""
    rng = np.random.default_rng(seed)
    _parties(rng, count)
    return _import_numbers(rng)


def draws(count: int, seed: int = 1) -> Iterator[Draw]:  # noqa: PLR0915 (one sequence of draws)
    """Give `count` draws, faults and repeats among them; rng is called as in the yardstick, in its order."""
    rng = np.random.default_rng(seed)
    listed = names.listed_names()
    senders, buyers = _parties(rng, count)
    import_ids = _import_numbers(rng)
    codes = {ch: [code for code in rates.COMMODITY_CODES if code[:2] == ch] for ch in _CHAPTERS}
    words = {ch: _WORDS[ch].split(",") for ch in _CHAPTERS}
    n_items = np.where(rng.random(count) < 0.72, 1, np.minimum(1 + rng.geometric(0.45, count), 12))
    items_count = int(n_items.sum())
    buyer = (len(buyers) * rng.random(count) ** 1.6).astype(int)  # low numbers buy often
    sender = (len(senders) * rng.random(count) ** 2).astype(int)
    currency = _draw(rng, _CURRENCIES, count)
    usd_cents = np.exp(rng.normal(np.log(1500), 1.0, items_count))
    grams = np.maximum(5, np.exp(rng.normal(np.log(220), 0.9, items_count))).astype(int)
    chapter, origin = _draw(rng, _CHAPTERS, items_count), _draw(rng, ORIGINS, items_count)
    u = rng.random((count, 6))
    pick = rng.integers(1 << 30, size=(items_count, 3))
    fault = np.where(rng.random(count) < 0.02, rng.integers(len(FAULTS), size=count), -1)
    repeat = rng.random(count) < 0.01
    recent: list[Draw] = []
    first = 0
    for k in range(count):
        lo, first = first, first + int(n_items[k])
        if repeat[k] and recent:
            yield recent[pick[lo, 0] % len(recent)]  # the same record, sent again
            continue
        who, frm = buyers[buyer[k]], senders[sender[k]]
        dest = who["address"]["countryCode"]
        regime = rates.TAX[dest][0]
        cur = rates.LAW_CURRENCIES[regime] if currency[k] == "home" else str(currency[k])
        amounts = [
            max(1, int(c * rates.IN_EUR["USD"] / rates.IN_EUR[cur])) for c in usd_cents[lo:first].tolist()
        ]
        if u[k, 0] < 0.05:  # just under the limit
            limit = rates.LIMIT[regime] or 80_000
            each = int((limit * (1 - 0.02 * u[k, 1])) * rates.PPM / rates.RATE[cur, regime] / len(amounts))
            amounts = [each] * len(amounts)
        if u[k, 2] < 0.001:
            n = listed[pick[lo, 1] % len(listed)]
            n = n if u[k, 3] < 0.5 else n.upper() if u[k, 3] < 0.7 else names.variant(rng, n)
            frm = frm | {"name": n}
        items = []
        for j, (a, b, c) in enumerate(pick[lo:first].tolist()):
            ch = str(chapter[lo + j])
            plain = f"{words[ch][a % len(words[ch])]} {_STYLES[b % len(_STYLES)]}"
            items.append(
                {
                    "sequence": j + 1,
                    "classificationHs6": codes[ch][a % len(codes[ch])],
                    "description": _VAGUE[a % len(_VAGUE)] if c % 100 < 3 else plain,
                    "quantity": int(1 + (c % 7 == 0) * (b % 4)),
                    "invoiceAmount": {"minor": amounts[j], "currency": cur},
                    "originCountry": str(origin[lo + j]),
                    "grossWeightGrams": int(grams[lo + j]),
                }
            )
        flight = k // FLIGHT_CONSIGNMENTS
        is_post = u[k, 4] < 0.55
        record: Record = {
            "functionalReferenceId": f"{('PDX', 'MKTPL', 'BRKR')[k % 3]}{26000000000 + seed * 10**8 + k}",
            "ucr": f"6{frm['address']['countryCode']}{pick[lo, 0] % 10**9:09d}{k}",
            "declarationDateTime": f"2026-11-{1 + flight % 24:02d}T{k % 24:02d}:{k % 60:02d}:00Z",
            "transportContractDocumentId": numbers.s10(f"L{'ABKX'[k % 4]}", k * 7919, "CN")
            if is_post
            else numbers.express(k * 7919),
            "masterTransportDocumentId": master_document(flight),
            "receptacleId": f"CNPVGA{dest}XXXAAUN6{k // 40 % 10**4:04d}00110{pick[lo, 2] % 10**4:04d}",
            "platformId": PLATFORM_IDS[sender[k] % len(PLATFORM_IDS)],
            "sellerId": f"S{sender[k]:07d}",
            "consignor": frm,
            "consignee": who,
            "goodsItems": items,
        }
        if regime != 2 and u[k, 5] < 0.7:
            record["importTaxId"] = import_ids[sender[k] % len(import_ids)]
        kind = FAULTS[fault[k]] if fault[k] >= 0 else None
        if kind is not None:
            record = _spoil(record, kind, pick[lo].tolist(), recent)
        drawn = Draw(k, kind, record)
        recent.append(drawn)
        if len(recent) > _RECENT:
            recent.pop(0)
        yield drawn


def master_document(flight: int) -> str:
    """Master air waybill of a flight, counted from 0."""
    return numbers.mawb(PREFIXES[flight % len(PREFIXES)], 1_000_003 * (flight + 1))


def _draw(rng: np.random.Generator, table: dict[str, int], size: int) -> npt.NDArray[np.str_]:
    share = np.array(list(table.values()), float)
    return rng.choice(list(table), size, p=share / share.sum())


def _parties(rng: np.random.Generator, count: int) -> tuple[list[Record], list[Record]]:
    senders = [_party(rng, c, True) for c in _draw(rng, ORIGINS, count // 60 + 20)]
    return senders, [_party(rng, c, False) for c in _draw(rng, DESTINATIONS, count * 3 // 5 + 20)]


def _import_numbers(rng: np.random.Generator) -> list[str]:
    return [numbers.tax_id(rng, i % 20 != 0) for i in range(300)]


def _party(rng: np.random.Generator, country: str, company: bool) -> Record:
    return {
        "name": names.name(rng, company),
        "address": {
            "line": f"{rng.integers(1, 300)} {_STREETS[rng.integers(len(_STREETS))]}",
            "cityName": names.name(rng).split(" ")[0],
            "postcodeId": f"{rng.integers(10**5):05d}",
            "countryCode": str(country),
        },
    }


def _spoil(record: Record, kind: str, pick: list[int], recent: list[Draw]) -> Record:
    """One fault of the named kind."""
    if kind == "duplicate":  # other content under a reference in use
        if not recent:
            return record
        earlier = recent[pick[0] % len(recent)].record
        return record | {"functionalReferenceId": earlier["functionalReferenceId"]}
    item = dict(record["goodsItems"][0])
    if kind == "missing":
        field = (
            "consignee",
            "consignor",
            "classificationHs6",
            "description",
            "invoiceAmount",
            "grossWeightGrams",
        )[pick[0] % 6]
        if field in record:
            return {k: v for k, v in record.items() if k != field}
        del item[field]
    elif kind == "country":
        item["originCountry"] = ("XX", "UK", "ZZ", "C1")[pick[0] % 4]
    elif kind == "weight":
        item["grossWeightGrams"] = -int(pick[0] % 900)
    else:
        item["invoiceAmount"] = item["invoiceAmount"] | {
            "currency": ("XXX", "EURO", "US$", "RMB")[pick[0] % 4]
        }
    return record | {"goodsItems": [item, *record["goodsItems"][1:]]}
