"""Numbers that belong to one case of one run: where a standard gives numbers a form, no word fits in."""

import hashlib
from collections.abc import Mapping
from typing import Final

from serai.model.check_digits import right_check_digit

COUNT: Final = 4
_LETTERS: Final = 26
_DIGITS: Final = 10**8


def own_numbers(run: str, case: str) -> Mapping[str, str]:
    """Return the numbers of a case by name, the same for the same run and case.

    digits_1 ...: eight digits. s10_1 ...: of a registered item from Cape Verde (UPU S10). awb_1 ...: of
    an air waybill. container_1 ...: of a container (ISO 6346). The last three have their check digits.
    """
    numbers: dict[str, str] = {}
    for place in range(1, COUNT + 1):
        drawn = int.from_bytes(hashlib.sha256(f"{run}\0{case}\0{place}".encode()).digest()[:8])
        digits = f"{drawn % _DIGITS:08d}"
        letter = chr(ord("A") + drawn // _DIGITS % _LETTERS)
        numbers |= {
            f"digits_{place}": digits,
            f"s10_{place}": _with_check_digit("s10", f"R{letter}{digits}", "CV"),
            f"awb_{place}": _with_check_digit("air-waybill", f"999-{digits[:7]}"),
            f"container_{place}": _with_check_digit("container", f"ZZZU{digits[:6]}"),
        }
    return numbers


def _with_check_digit(kind: str, before: str, behind: str = "") -> str:
    return f"{before}{right_check_digit(kind, f'{before}0{behind}')}{behind}"
