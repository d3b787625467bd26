"""Codes that every kind of document may carry, and that formats and rooms must read alike."""

from typing import Final

import pycountry

COUNTRY_CODES: Final[frozenset[str]] = frozenset(
    {country.alpha_2 for country in pycountry.countries}
    # Kosovo, Northern Ireland, Ceuta and Melilla have no code in ISO 3166; customs practice gives them these
    # (Reg. (EU) 2020/1470 for all but XI). EU is an origin in preferential trade. ZN and ZU: the Norwegian
    # and British sectors of the continental shelf, as the United Kingdom's customs declarations name them.
    | {"XK", "XI", "XC", "XL", "EU", "ZN", "ZU"}
)
ORIGIN_NOT_SPECIFIED: Final = "QU"
"""Reg. (EU) 2020/1470, annex I. An origin only in a reduced data set, which asks for none."""

REDUCED_DATA_SET: Final = "1H7"
"""Additional procedure code of a reduced data set for consignments of low value."""

LOW_VALUE_RELIEFS: Final[frozenset[str]] = frozenset({"C07", "C08"})
"""Additional procedures under which the Union's reduced data set, which has no code of its own, may be used:
Delegated Regulation (EU) 2015/2446, art. 143a."""

CHAPTERS: Final[frozenset[str]] = frozenset(f"{number:02d}" for number in range(1, 100) if number != 77)
"""First two digits of a commodity code: chapters of the Harmonized System 2022, of which 77 is empty, and 98
and 99, which the system leaves to its parties: India clears personal imports under heading 9804, Colombia
postal and urgent consignments under 9807.
"""

SALE_NATURE_CODES: Final = ("B2C", "B2B", "C2C", "gift", "own-goods", "return", "not-stated")
SCHEME_STATUS_CODES: Final = (
    "none", "valid", "malformed", "unknown", "ended", "not-allowed", "token-missing", "token-unsound",
    "token-of-another-border", "token-used", "token-revoked", "token-for-other-goods", "token-suspended",
    "token-expired", "token-not-yet-valid", "token-unchecked",
)  # fmt: skip
"""How a scheme number stands: by its register, and by the token that was to prove it."""
"""What a registration number is found to be."""

CHANNEL_CODES: Final = ("post", "express", "cargo", "bonded", "personal")
