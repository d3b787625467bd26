"""Add up revenue from the files of the history alone, and hold it against balances of the ledger.

    serai ledger balance --output json > balances.json
    python recompute_revenue.py history --balances balances.json

Nothing of Serai is imported: what is here follows docs/how-to/read-the-history.md and needs DuckDB alone.
It prints CSV: country of destination, tax type, phase, amount, currency. Exit code 1: some sum differs.
"""

import argparse
import csv
import json
import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import duckdb

POSTED = ("payment-due", "released")
"""Statuses in which an amount is entered in the accounts: it has fallen due, or the goods were released."""
NOT_OWED = ("not-released", "invalidated", "confiscated", "abandoned", "destroyed", "returned")
"""Statuses in which nothing is owed. In all others what was determined may still change: it is pending."""
PLACES = {"JPY": 0, "KRW": 0, "CLP": 0, "ISK": 0, "VND": 0, "UGX": 0, "RWF": 0, "XAF": 0, "XOF": 0,
          "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3}  # fmt: skip
"""Decimal places of currencies (ISO 4217) that have other than two."""

# A decision that replaced another comes with the reversal of that one: the sum over all rows is what stands.
# A reversal has the number of the decision that it reverses, and so its status.
REVENUE = """
SELECT charge.consignee_country_code, charge.tax_type_code, charge.currency_code,
    CASE WHEN list_contains($posted, status) THEN 'posted' ELSE 'pending' END AS phase,
    sum(charge.amount_minor)::VARCHAR AS amount_minor
FROM read_parquet($charges) AS charge
JOIN (SELECT decision_id, status FROM read_parquet($decisions) WHERE row_count > 0) AS decision
    USING (decision_id)
WHERE NOT charge.is_waived AND charge.kind <> 'claim' AND charge.due <> 'none'
    AND NOT list_contains($not_owed, status)
GROUP BY ALL HAVING sum(charge.amount_minor) <> 0 ORDER BY ALL
"""

Key = tuple[str, str, str, str]
"""Country, tax type, currency, phase."""


def add_up(history: Path) -> dict[Key, Decimal]:
    """Return revenue by country, tax type, currency and phase."""
    given = {
        "charges": str(history / "hour=*" / "charge.parquet"),
        "decisions": str(history / "hour=*" / "decision.parquet"),
        "posted": list(POSTED),
        "not_owed": list(NOT_OWED),
    }
    rows = duckdb.connect(":memory:").execute(REVENUE, given).fetchall()
    return {
        (country, tax_type, currency, phase): Decimal(amount).scaleb(-PLACES.get(currency, 2))
        for country, tax_type, currency, phase, amount in rows
    }


def read_balances(path: Path) -> dict[Key, Decimal]:
    """Return what the ledger has: revenue stands on the credit side, which is below zero."""
    found: dict[Key, Decimal] = defaultdict(Decimal)
    for row in json.loads(path.read_text(encoding="utf-8")):
        if row["account"] == "revenue":
            key = (row.get("country_code", ""), row["tax_type_code"], row["currency_code"], row["phase"])
            found[key] -= Decimal(row["balance"])
    return dict(found)


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("history", type=Path)
    parser.add_argument("--balances", type=Path, help="what `serai ledger balance --output json` wrote")
    chosen = parser.parse_args()
    revenue = add_up(chosen.history)
    lines = csv.writer(sys.stdout, lineterminator="\n")
    lines.writerow(["country_code", "tax_type_code", "phase", "amount", "currency_code"])
    for (country, tax_type, currency, phase), amount in revenue.items():
        lines.writerow([country, tax_type, phase, amount, currency])
    if chosen.balances is None:
        return 0
    booked = read_balances(chosen.balances)
    differing = [key for key in revenue.keys() | booked.keys() if revenue.get(key, 0) != booked.get(key, 0)]
    for key in sorted(differing):
        sys.stderr.write(f"{' '.join(key)}: history {revenue.get(key, 0)}, ledger {booked.get(key, 0)}\n")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
