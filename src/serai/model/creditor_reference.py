"""Creditor references of ISO 11649: what a payer writes so that a payment finds what it is for.

`RF`, two check digits that catch each wrong or swapped sign, and up to 21 letters and digits.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from stdnum import iso11649
from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_97_10

from serai.model.errors import SeraiError

CONTENT_CHARACTERS_MAX: Final = 21
"""Of what follows the check digits."""
_CONTENT: Final = re.compile(rf"[A-Z0-9]{{1,{CONTENT_CHARACTERS_MAX}}}", re.ASCII)
_REFERENCE: Final = re.compile(rf"RF[0-9]{{2}}[A-Z0-9]{{1,{CONTENT_CHARACTERS_MAX}}}", re.ASCII)
_BESIDE: Final = str.maketrans("", "", " \t\r\n-./\u00a0")
_TEXT_CHARACTERS_MAX: Final = 4_000
# At each beginning, up to nine blocks of signs: printed in fours, or as a payer's bank broke its lines.
_IN_TEXT: Final = re.compile(r"(?<![A-Z0-9])RF[ -]?[0-9]{2}(?:[ -]?[A-Z0-9]){1,21}(?![A-Z0-9])", re.ASCII)


def make_reference(content: str) -> str:
    """Make the reference of a number of ours. content: up to 21 letters and digits, such as a case's id.

    Raises SeraiError `no-creditor-reference`: other signs, none, or too many.
    """
    bare = content.translate(_BESIDE).upper()
    if _CONTENT.fullmatch(bare) is None:
        raise SeraiError(
            "no-creditor-reference",
            f"A creditor reference is made of 1 to {CONTENT_CHARACTERS_MAX} letters and digits.",
            "Give the number of the case or statement without other signs.",
        )
    return f"RF{mod_97_10.calc_check_digits(f'{bare}RF')}{bare}"


def read_reference(text: str) -> str | None:
    """Read a reference as people and banks write it: in any case, with blanks, hyphens, dots or none.

    Returns it bare; None: it is none, or a sign in it is wrong.
    """
    bare = _bare(text)
    return bare if _REFERENCE.fullmatch(bare) and _is_sound(bare) else None


def is_wrong_reference(text: str) -> bool:
    """Say whether a text looks like a reference and has wrong check digits. Others' references look
    otherwise, and are nobody's fault."""
    bare = _bare(text)
    return _REFERENCE.fullmatch(bare) is not None and not _is_sound(bare)


def content_of(reference: str) -> str:
    """Return the number that a sound reference was made of."""
    return reference[4:]


def format_reference(reference: str) -> str:
    """Write a reference for people, in blocks of four."""
    return str(iso11649.format(reference))


def find_references(lines: Iterable[str]) -> list[str]:
    """Find sound references in free words, each once, in order.

    Banks break lines at any sign, so the lines are read as they stand and also joined. Where one reading
    lies within another, the longer one is meant: one in 97 shorter ones is sound by chance.
    """
    kept = [line[:_TEXT_CHARACTERS_MAX] for line in lines]
    found: list[str] = []
    for text in (*kept, "".join(kept)):
        for reference in _references_in(text[:_TEXT_CHARACTERS_MAX].upper()):
            if not any(one.startswith(reference) for one in found):
                found.append(reference)
    return found


def _references_in(text: str) -> Iterator[str]:
    for match in _IN_TEXT.finditer(text):
        # Words may follow behind a blank, so the longest sound one of the blocks counts.
        blocks = re.split(r"(?<=[A-Z0-9])(?=[ -])", match[0])
        for count in range(len(blocks), 0, -1):
            reference = read_reference("".join(blocks[:count]))
            if reference is not None:
                yield reference
                break


def _bare(text: str) -> str:
    return text[:_TEXT_CHARACTERS_MAX].translate(_BESIDE).upper()


def _is_sound(bare: str) -> bool:
    try:
        iso11649.validate(bare)
    except ValidationError:
        return False
    return True
