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

CHANNEL_CODES: Final = ("post", "express", "cargo", "bonded", "personal")
