"""The books of a node: what the ledger holds is what the stored charges, payments and refunds come to."""

from serai.app import Node
from serai.journey.ledger.tie_out import TiedOut, tie_out


async def assert_books_agree(node: Node) -> TiedOut:
    """Return what the ledger holds; fails where it is not what is stored."""
    async with node.database.read(node.administration_id, in_one_snapshot=True) as connection:
        held = await tie_out(connection, administration_id=node.administration_id)
    assert held.differences == []
    return held
