"""Code lists a declaration is held against: countries, channels, natures of sale, units, HS chapters."""

import pycountry

COUNTRY_CODES: frozenset[str] = frozenset(
    {country.alpha_2 for country in pycountry.countries}
    # Kosovo, Northern Ireland, Ceuta and Melilla have no code in ISO 3166; customs practice gives them these
    # (Reg. (EU) 2020/1470 for all but XI). EU is an origin in preferential trade. ZN and ZU: the Norwegian
    # and British sectors of the continental shelf, as the United Kingdom's customs declarations name them.
    | {"XK", "XI", "XC", "XL", "EU", "ZN", "ZU"}
)
ORIGIN_NOT_SPECIFIED = "QU"
"""Reg. (EU) 2020/1470, annex I. An origin only in a reduced data set, which asks for none."""

REDUCED_DATA_SET = "1H7"
"""Additional procedure code of a reduced data set for consignments of low value."""

CHANNEL_CODES = ("post", "express", "cargo", "bonded", "personal")
SALE_NATURE_CODES = ("B2C", "B2B", "C2C", "gift", "own-goods", "return", "not-stated")
TRANSPORT_MODE_CODES = ("1", "2", "3", "4", "5", "6", "7", "8", "9")
"""UN/ECE Recommendation 19, first digit."""

UNIT_CODES: frozenset[str] = frozenset(
    # Pieces and sets, mass, volume, length, area, others: what goods in parcels are measured in.
    [
        "C62",
        "H87",
        "EA",
        "NAR",
        "NPR",
        "PR",
        "SET",
        "DZN",
        "GRO",
        "MIL",
        "CEN",
        "KT",
        "2P",
        "KGM",
        "GRM",
        "MGM",
        "HGM",
        "TNE",
        "LBR",
        "ONZ",
        "STN",
        "DTN",
        "CTM",
        "LTR",
        "MLT",
        "CLT",
        "DLT",
        "HLT",
        "MTQ",
        "DMQ",
        "CMQ",
        "GLI",
        "GLL",
        "PTI",
        "OZA",
        "LPA",
        "MTR",
        "CMT",
        "MMT",
        "DMT",
        "KMT",
        "INH",
        "FOT",
        "YRD",
        "MTK",
        "CMK",
        "DMK",
        "FTK",
        "YDK",
        "KWH",
        "MWH",
        "WTT",
        "KWT",
        "AMP",
        "VLT",
        "CUR",
        "GBQ",
        "KNI",
        "BQL",
        "D17",
        "ASV",
        "KMQ",
        "E48",
    ]
)
"""Common units of UN/ECE Recommendation 20. The list has two thousand, so another one is advice, no fault."""

CHAPTERS: frozenset[str] = frozenset(f"{number:02d}" for number in range(1, 98) if number != 77)
"""Chapters of the Harmonized System 2022; 77 is empty; 98 and 99 are national and name no goods."""
