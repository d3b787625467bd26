"""What is done to references finds them by their index, whatever the statistics say."""

from serai.app import Node
from serai.foundation.binary_arrays import bigints, texts
from serai.journey.documents.store import QUERIES

KNOWN = """
INSERT INTO submission
    (party_id, document_id, administration_id, kind, version, place, reference)
SELECT 10, number, 1, 1, 1, 0, 'PLAN-' || lpad(number::text, 7, '0')
FROM generate_series(1, 20000) AS number
"""


async def test_no_statement_reads_all_references(node: Node) -> None:
    sent = {
        "administration_id": 1,
        "kind": 1,
        "party_ids": bigints([10] * 300),
        "references": texts([f"PLAN-{number:07}" for number in range(300)]),
        "document_ids": bigints(range(300)),
    }
    plans = {}

    async with node.database.write() as connection:
        await connection.execute(KNOWN)
        for name in ("select_submissions", "lock_submissions", "raise_versions"):
            cursor = await connection.execute(f"EXPLAIN {QUERIES[name]}", sent)
            plans[name] = "\n".join(line for (line,) in await cursor.fetchall())

    for plan in plans.values():
        assert "submission_by_reference" in plan, plan
        assert "Seq Scan on submission" not in plan, plan
