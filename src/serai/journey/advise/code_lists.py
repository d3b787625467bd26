"""Code lists a declaration alone is held against: natures of sale, modes of transport, units, HS chapters."""

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
