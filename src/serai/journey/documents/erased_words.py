"""Words of a document that were erased because they named somebody: a mark stands in their place."""

from typing import Any, Final

import msgspec

MARK: Final = "[erased]"
"""What stands where words were erased."""


def is_same_message(held: bytes, sent: bytes) -> bool:
    """Say whether a message that comes is the one that is held, where the mark stands for any words."""
    if held == sent:
        return True
    if MARK.encode() not in held:
        return False
    return _fits(msgspec.json.decode(held), msgspec.json.decode(sent))


def _fits(held: Any, sent: Any) -> bool:
    if isinstance(held, str) and isinstance(sent, str):
        return _fits_words(held.split(MARK), sent)
    if isinstance(held, list) and isinstance(sent, list):
        return len(held) == len(sent) and all(map(_fits, held, sent))
    if isinstance(held, dict) and isinstance(sent, dict):
        return held.keys() == sent.keys() and all(_fits(held[key], sent[key]) for key in held)
    return bool(held == sent)


def _fits_words(parts: list[str], sent: str) -> bool:
    """Say whether the parts between marks stand in a text in their order, the first and last at its ends."""
    first, *rest = parts
    if not rest:
        return first == sent
    if not sent.startswith(first):
        return False
    place = len(first)
    for part in rest[:-1]:
        found = sent.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return sent.endswith(rest[-1]) and len(sent) - len(rest[-1]) >= place
