"""The yardstick's law and field rules. Illustrative rates, integer money, the tables shared with the generator are in its `rates.py`.

Every program in this folder gives exactly these decisions. `decide_line` is the plain reference.

Money is in minor units (int). A division rounds half up: (a * rate + half) // unit.
"""
# mypy: ignore-errors

import json
from collections import Counter

from serai.laboratory.invented.rates import IN_EUR, LAW_CURRENCIES, LIMIT, PPM, RATE, TAX

BP = 10_000
FLAT = (300, 0, 0, 0)  # duty per goods item up to the limit
SURCHARGE_CN, SURCHARGE = (0, 0, 2_000, 0), (0, 0, 1_000, 0)  # added to the duty rate, by origin

# hs6: duty rate in EU, GB, US, AU (basis points); least value per kg (minor units) not held; licence
HS6 = {
    k: tuple(map(int, v.split()))
    for k, v in {
        "610910": "1200 1200 1650 500 200 0",
        "611030": "1200 1200 3200 500 200 0",
        "610463": "1200 1200 2820 500 200 0",
        "611595": "1200 1200 1350 500 150 0",
        "610711": "1200 1200 740 500 150 0",
        "610610": "1200 1200 1970 500 200 0",
        "620342": "1200 1200 1660 500 200 0",
        "620443": "1200 1200 1600 500 200 0",
        "621210": "650 600 1690 500 250 0",
        "620240": "1200 1200 2770 500 200 0",
        "621710": "630 600 1460 500 150 0",
        "640411": "1690 1600 2000 500 200 0",
        "640299": "1680 1600 2000 500 150 0",
        "640391": "800 800 850 500 250 0",
        "850440": "0 0 0 0 250 0",
        "851762": "0 0 0 0 500 0",
        "851830": "0 0 0 0 500 0",
        "851713": "0 0 0 0 3000 0",
        "854442": "330 200 260 500 150 0",
        "850760": "270 200 340 0 400 1",
        "852589": "370 200 0 0 500 0",
        "853952": "370 200 200 500 150 0",
        "950300": "0 0 0 0 150 0",
        "950450": "0 0 0 0 500 0",
        "950699": "270 200 400 500 120 0",
        "950590": "270 200 0 500 100 0",
        "950440": "270 200 0 0 150 0",
        "711719": "400 400 1100 500 200 0",
        "711790": "400 400 1100 500 200 0",
        "711311": "250 200 500 500 3000 0",
        "420222": "370 200 1760 500 150 0",
        "420221": "300 200 900 500 300 0",
        "420232": "370 200 1760 500 150 0",
        "420292": "370 200 1760 500 120 0",
        "330499": "0 0 0 500 200 0",
        "330410": "0 0 0 500 300 0",
        "330300": "0 0 0 500 400 1",
        "330590": "0 0 0 500 150 0",
        "330420": "0 0 0 500 300 0",
        "392690": "650 600 530 500 80 0",
        "392410": "650 600 340 500 80 0",
        "392640": "650 600 530 500 80 0",
        "940542": "470 400 390 500 120 0",
        "940440": "370 200 680 500 100 0",
        "940360": "0 0 0 500 60 0",
        "940179": "0 0 0 500 60 0",
        "940511": "470 400 390 500 120 0",
    }.items()
}

VAGUE = frozenset(
    "gift,gifts,parts,accessories,sample,samples,goods,item,present,misc,daily necessities,as per invoice".split(
        ","
    )
)

COUNTRIES = frozenset(
    (
        "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA "
        "CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA "
        "GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP "
        "KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS "
        "MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS "
        "RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW "
        "TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
    ).split()
)

# reason codes: bit of the mask -> code; bits 0 and 1 always give a code, set or not
BITS = (
    ("D-RATE", "D-FLAT"),
    ("T-DUE", "T-PREPAID"),
    ("", "H-VAGUE"),
    ("", "H-LICENCE"),
    ("", "H-VALUE"),
    ("", "H-PROOF"),
    ("", "H-PARTY"),
)
LOW, PREPAID, VAGUE_BIT, LICENCE, UNDERVALUE, PROOF, PARTY = (1 << i for i in range(7))
REASONS = [" ".join(filter(None, (pair[m >> i & 1] for i, pair in enumerate(BITS)))) for m in range(128)]
OUTCOMES = ["hold" if m >> 2 else "release" for m in range(128)]

TABLE = """reference text not null, sequence smallint not null, outcome text not null, currency text,
    value bigint, duty bigint, tax bigint, reasons text not null"""
TOTALS = """select outcome, coalesce(currency, ''), reasons, count(*), coalesce(sum(value), 0)::bigint,
    coalesce(sum(duty), 0)::bigint, coalesce(sum(tax), 0)::bigint from decision group by 1, 2, 3 order by 1, 2, 3"""


def tax_id_ok(n):
    """Import scheme number: IM, nine digits, check digit (the yardstick's own: position weights, mod 11, mod 10)."""
    return (
        len(n) == 12
        and n[:2] == "IM"
        and n[2:].isdigit()
        and n.isascii()
        and sum(i * int(d) for i, d in enumerate(n[2:11], 1)) % 11 % 10 == int(n[11])
    )


def assess(destination, tax_id, party_hit, items):
    """items: (hs6, description, minor, currency, origin, grams) -> (currency, value, duty, tax, reason mask) of each."""
    regime, tax_bp = TAX[destination]
    values = [(i[2] * RATE[i[3], regime] + PPM // 2) // PPM for i in items]
    low = sum(values) <= LIMIT[regime]
    proof = tax_id is not None and tax_id_ok(tax_id)
    common = (
        LOW * low + PREPAID * (low and proof) + PARTY * party_hit + PROOF * (tax_id is not None and not proof)
    )
    rows = []
    for value, (hs6, description, _, _, origin, grams) in zip(values, items):
        *duty_bp, per_kg, licence = HS6[hs6]
        rate = duty_bp[regime] + (SURCHARGE_CN if origin == "CN" else SURCHARGE)[regime]
        duty = FLAT[regime] if low else (value * rate + BP // 2) // BP
        mask = (
            common
            + VAGUE_BIT * (description.lower() in VAGUE)
            + LICENCE * licence
            + UNDERVALUE * (value * 1000 < grams * per_kg)
        )
        rows.append((LAW_CURRENCIES[regime], value, duty, ((value + duty) * tax_bp + BP // 2) // BP, mask))
    return rows


def fault(c):
    """The code of the first fault in a parsed record, or None."""
    try:
        items = c["goodsItems"]
        dest, sender = c["consignee"]["address"]["countryCode"], c["consignor"]["address"]["countryCode"]
        c["consignee"]["name"], c["consignor"]["name"], c["transportContractDocumentId"], c["ucr"]
        for i in items:
            i["sequence"], i["description"]
            if i["quantity"] < 1 or i["grossWeightGrams"] < 1:
                return "F-WEIGHT"
            if i["invoiceAmount"]["currency"] not in IN_EUR:
                return "F-CURRENCY"
            if i["invoiceAmount"]["minor"] < 0 or i["classificationHs6"] not in HS6:
                return "F-OTHER"
            if i["originCountry"] not in COUNTRIES:
                return "F-COUNTRY"
    except KeyError:
        return "F-MISSING"
    return None if dest in TAX and sender in COUNTRIES else "F-COUNTRY"


def fault_row(reference, code):
    """A faulty record gives one row: sequence 0, or -1 for other content under a reference in use."""
    return (reference, -(code == "F-DUPLICATE"), "fault", None, None, None, None, code)


def repeated(seen, reference, line):
    """None for a new reference; for a known one False if the same line came again, True the first time it differs."""
    first = seen.setdefault(reference, h := hash(line))
    if first is h:
        return None
    if first in (h, 0):
        return False
    seen[reference] = 0
    return True


def decide_line(line, seen, listed):
    """Rows for one NDJSON line (bytes). The readable reference of what every program here must do."""
    c = json.loads(line)
    ref = c["functionalReferenceId"]
    if (known := repeated(seen, ref, line)) is not None:
        return [fault_row(ref, "F-DUPLICATE")] if known else []
    if code := fault(c):
        return [fault_row(ref, code)]
    hit = c["consignor"]["name"].lower() in listed or c["consignee"]["name"].lower() in listed
    assessed = assess(
        c["consignee"]["address"]["countryCode"],
        c.get("importTaxId"),
        hit,
        [
            (
                i["classificationHs6"],
                i["description"],
                i["invoiceAmount"]["minor"],
                i["invoiceAmount"]["currency"],
                i["originCountry"],
                i["grossWeightGrams"],
            )
            for i in c["goodsItems"]
        ],
    )
    return [
        (ref, i["sequence"], OUTCOMES[a[4]], *a[:4], REASONS[a[4]]) for i, a in zip(c["goodsItems"], assessed)
    ]


def totals(rows):
    """The same figures as the SQL in TOTALS, from rows in memory."""
    n, value, duty, tax = Counter(), Counter(), Counter(), Counter()
    for _, _, outcome, currency, v, d, t, reasons in rows:
        k = (outcome, currency or "", reasons)
        n[k] += 1
        value[k] += v or 0
        duty[k] += d or 0
        tax[k] += t or 0
    return [(*k, n[k], value[k], duty[k], tax[k]) for k in sorted(n)]
