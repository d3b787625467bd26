"""Some parcels as columns, ready to be asked about under any law."""

from collections.abc import Sequence
from dataclasses import dataclass

from serai.model.columns import Coded, Frame, Int64s


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was recorded of each parcel. law_codes: the program's. consignments, kinds, currencies, amounts:
    a row each sum of charges; kinds are words of KINDS.
    """

    law_codes: Sequence[str]
    lane_numbers: Int64s
    consignments: Int64s
    kinds: Sequence[str]
    currencies: Sequence[str]
    amounts_minor: Int64s


@dataclass(frozen=True, slots=True)
class Batch:
    """Parcels of a sample, with the columns of stages `advise` to `screen`.

    names: what each parcel is called in the answer, never a person's: its place in a file, from 1, or its
    registration number. case_ids: where it is stored. sellers: who sold it, absent where nobody is named.
    recorded: None where nothing was decided before.
    """

    consignments: Frame
    items: Frame
    first_items: Int64s
    names: Sequence[str]
    sellers: Coded
    case_ids: Sequence[str] | None = None
    recorded: Recorded | None = None

    @property
    def count(self) -> int:
        """Return how many parcels there are."""
        return self.consignments.row_count
