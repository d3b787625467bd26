"""Texts of the shipped law packs in other languages, by their English words: `laws/<language>.yaml`.

A pack is law and says what it says in its own language; these are translations of it, never part of what a
decision rests on. A sentence that somebody changes is in no catalogue any more, and is said as it stands.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import msgspec


@cache
def law_texts(language: str) -> Mapping[str, str]:
    """Return translations by English text: sentences, remedies, appeals, titles; none where there is no
    file."""
    file = files("serai.journey.texts") / "laws" / f"{language}.yaml"
    return msgspec.yaml.decode(file.read_bytes(), type=dict[str, str]) if file.is_file() else {}
