"""Promised batches of invented documents, for the tests of the log."""

from datetime import UTC, datetime, timedelta

from serai.evidence.leaf import commit_batch, random_size_bytes
from serai.evidence.promise import BatchPromise, promise_batch
from serai.evidence.store import Connection, insert_promised_batch
from tests.evidence.signing import SeedSigner

SIGNER = SeedSigner(1)
ORIGIN = "log.serai.example/main"
AT = datetime(2026, 7, 1, 12, tzinfo=UTC)


def promise(first_id: int, count: int) -> BatchPromise:
    ids = range(first_id, first_id + count)
    fields = {name: [b"%d" % number for number in ids] for name in ("document", "consignee")}
    random_bytes = (bytes(range(256)) * (random_size_bytes(count, 2) // 256 + 1))[
        : random_size_bytes(count, 2)
    ]
    leaves = commit_batch(1, AT, leaf_ids=ids, fields=fields, random_bytes=random_bytes)
    return promise_batch(
        leaves.leaf_data,
        SIGNER,
        origin=ORIGIN,
        batch_id=first_id,
        integrate_by=AT + timedelta(seconds=2),
        at=AT,
    )


async def store(connection: Connection, first_id: int, count: int, administration_id: int = 1) -> None:
    async with connection.transaction():
        await insert_promised_batch(
            connection,
            promise(first_id, count),
            administration_id=administration_id,
            leaf_ids=range(first_id, first_id + count),
        )
