"""What was likely meant by a word that nothing is called."""

from collections.abc import Iterable
from difflib import get_close_matches


def find_nearest(said: str, known: Iterable[str]) -> str | None:
    """Return the nearest of the known words; None where none is near."""
    by_small = {word.casefold(): word for word in known}
    near = get_close_matches(said.casefold(), by_small, n=1)
    return by_small[near[0]] if near else None


def did_you_mean(said: str, known: Iterable[str]) -> str:
    """Return ` Did you mean `x`?` with the nearest of the known words; nothing where none is near."""
    near = find_nearest(said, known)
    return "" if near is None else f" Did you mean `{near}`?"
