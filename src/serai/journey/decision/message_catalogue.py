"""Sentences of a room's `messages/<language>.yaml`: what, what to do, and where to appeal, by code."""

import msgspec


class Sentence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said about one code. {name} in a text stands for a parameter of the finding."""

    sentence: str
    remedy: str
    appeal: str | None = None
    hint: str | None = None
    why: str | None = None
    source: str | None = None


def decode_sentences(content: bytes) -> dict[str, Sentence]:
    """Decode a catalogue. msgspec.ValidationError: an entry lacks sentence or remedy, a mistake of ours."""
    return msgspec.yaml.decode(content, type=dict[str, Sentence])
