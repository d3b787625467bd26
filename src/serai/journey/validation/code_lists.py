"""Code lists a declaration alone is held against: modes of transport, units."""

TRANSPORT_MODE_CODES = ("1", "2", "3", "4", "5", "6", "7", "8", "9")
"""UN/ECE Recommendation 19, first digit."""

DIRECTION_CODES = ("IM", "EX", "CO", "TR")
"""Import, export, trade within a union, transit: Implementing Regulation (EU) 2015/2447, annex B, data
element 11 01; other countries say the same."""
PROCEDURE_CODES: frozenset[str] = frozenset(
    (
        # Implementing Regulation (EU) 2015/2447, annex B, data element 11 09; likewise the United Kingdom.
        "01", "07", "10", "11", "21", "22", "23", "31", "40", "42", "43", "44", "45", "46", "48", "51",
        "53", "54", "61", "63", "68", "71", "76", "77", "78", "91", "92", "95", "96",
        # The United Kingdom's simplified declarations of inventory systems.
        "00",
        # Supervision modes of China's customs that parcels travel under.
        "0110", "1039", "1210", "1239", "9610", "9710", "9810",
    )
)  # fmt: skip
"""Procedures that may be asked for; of most of them no law is here, and the answer says so."""

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
