"""Which rows of a frame of charges are owed: as `PackedCharge.is_owed` and `is_border_due` say of one."""

from serai.model.columns import Coded, Flags, Frame


def owed_rows(charges: Frame) -> Flags:
    """Say of each charge whether it is asked for: neither waived nor a claim."""
    return ~charges.flags("is_waived") & ~_is_word(charges.words("kind_code"), "claim")


def border_due_rows(charges: Frame) -> Flags:
    """Say of each charge whether it is asked for at the border."""
    return owed_rows(charges) & _is_word(charges.words("due_code"), "border")


def _is_word(column: Coded, word: str) -> Flags:
    return column.map_flags([one == word for one in column.words])
