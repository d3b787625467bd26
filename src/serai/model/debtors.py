"""Who may owe a charge: the closed list of debtors, as packs write them and answers tell them."""

from typing import Final, Literal, get_args

Debtor = Literal[
    "consignee",
    "importer",
    "declarant",
    "buyer",
    "seller",
    "platform",
    "carrier",
    "postal-operator",
    "scheme-holder",
    "deemed-importer",
    "import-vat-debtor",
    "withholding-agent",
    "importer-via-operator",
    "buyer-via-courier",
    "buyer-via-platform",
    "buyer-via-intermediary",
    "buyer-via-operator",
]
"""Role of the party that owes (UCC art. 77 (3) for import duty; each tax law for its own). `via`: the party
behind it collects and pays, the one before it owes.
"""
DEBTORS: Final[tuple[Debtor, ...]] = get_args(Debtor)
