"""The permits that a batch draws on, held until its transaction ends."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from serai.journey.permits.permit import Amount, Permit
from serai.journey.permits.store import DrawnOf


class PermitBook:
    """The permits that are held, as they stand while a batch draws on them."""

    def __init__(self, permits: Sequence[Permit], at: datetime) -> None:
        self.at = at
        self._permits = {one.permit_id: one for one in permits}

    def named(self, number: str) -> list[Permit]:
        """Return the permits of a number, of whichever agency."""
        return [one for one in self._permits.values() if one.number == number]

    def stored(self, permit_id: int) -> Permit:
        """Return a permit as it stands now."""
        return self._permits[permit_id]

    def take(self, permit: Permit, amount: Amount) -> None:
        """Write off."""
        self._permits[permit.permit_id] = msgspec.structs.replace(
            permit,
            drawn_quantity_micro=permit.drawn_quantity_micro + amount.quantity_micro,
            drawn_value_minor=permit.drawn_value_minor + amount.value_minor,
        )

    def give_back(self, drawn: DrawnOf) -> None:
        """Take out what a decision wrote off that is made again."""
        permit = self._permits[drawn.permit_id]
        quantity_micro, value_minor = drawn.left
        self.take(permit, Amount(-quantity_micro, -value_minor))
