"""Payment accounts of a test's node."""

from typing import Any

from serai.app import Node
from serai.journey.payment_accounts import store
from serai.journey.payment_accounts.store import PaymentAccount


async def open_account(node: Node, number: str, limit_minor: int = 100_000, **changes: Any) -> None:
    """Open an account of the declarant's, deferred and in euros but for changes."""
    terms = {"party_id": 1, "way": "deferred", "currency_code": "EUR", **changes}
    account = PaymentAccount(
        account_id=int(node.ids.take(1)[0]),
        number=number,
        limit_minor=limit_minor,
        opened_at=node.clock.now(),
        **terms,
    )
    async with node.database.write() as connection:
        await store.insert_account(connection, account, administration_id=node.administration_id)


async def open_minor(node: Node, number: str) -> int:
    """Return what stands open on an account."""
    async with node.database.write() as connection:
        found = await store.select_account(connection, number, administration_id=node.administration_id)
    assert found is not None
    return found.open_minor
