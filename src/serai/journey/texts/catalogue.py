"""One catalogue of texts: by code, audience and language what is said, in a version that the words make.

Texts are looked up when somebody reads, and nothing that is decided rests on them. The sentences stand in the
`messages/` of the rooms that find what they speak of.
"""

import hashlib
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from serai.model.languages import DEFAULT_LANGUAGE

Audience = Literal["public", "officer"]

_ROOMS = (
    "validation",
    "differences",
    "screening",
    "decision",
    "revenue",
    "release",
    "revenue.returns",
    "tracking",
    "tax_paid",
    "permits",
)


class Sentence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a room says about one code. {name} in a text stands for a parameter of the finding.

    without_figures: the sentence for a finding whose parameters are not for the reader. language: in which
    it is; files leave it out.
    """

    sentence: str
    remedy: str
    without_figures: str | None = None
    appeal: str | None = None
    hint: str | None = None
    why: str | None = None
    source: str | None = None
    language: str = DEFAULT_LANGUAGE


class Text(msgspec.Struct, frozen=True):
    """One text of the catalogue: what is said about a code to whom and in which language.

    {name} in a sentence, remedy or hint stands for a parameter of the finding; a hint is shown only where
    the finding has what it speaks of. grace: what is added while a rule is about to get stricter.
    without_figures: the sentence where the finding has no parameters.
    """

    code: str
    audience: Audience
    language: str
    sentence: str
    remedy: str = ""
    appeal: str | None = None
    hint: str | None = None
    grace: str | None = None
    without_figures: str | None = None

    @property
    def version(self) -> int:
        """The first 64 bits of the SHA-256 of the words, as a signed number: other words, another version."""
        words = msgspec.json.encode((self.sentence, self.remedy, self.appeal, self.hint, self.grace))
        return int.from_bytes(hashlib.sha256(words).digest()[:8], "big", signed=True)


def format_version(version: int) -> str:
    """Return a version as people read it: 16 hexadecimal digits."""
    return f"{version & (1 << 64) - 1:016x}"


def decode_sentences(content: bytes) -> dict[str, Sentence]:
    """Decode a room's file. msgspec.ValidationError: an entry lacks sentence or remedy, a mistake of ours."""
    return msgspec.yaml.decode(content, type=dict[str, Sentence])


@cache
def sentences_in(language: str) -> dict[str, Sentence]:
    """Return what is said about every code in a language; in English where there is no translation."""
    known: dict[str, Sentence] = {} if language == DEFAULT_LANGUAGE else dict(sentences_in(DEFAULT_LANGUAGE))
    return known | _written_in(language)


@cache
def find_text(code: str, language: str) -> Text | None:
    """Return the text of a code in a language, in English where there is no translation; None: the rooms say
    nothing of it."""
    for wanted in (language, DEFAULT_LANGUAGE):
        said = _written_in(wanted).get(code)
        if said is not None:
            return Text(
                code,
                "public",
                wanted,
                said.sentence,
                said.remedy,
                said.appeal,
                said.hint,
                without_figures=said.without_figures,
            )
    return None


@cache
def _written_in(language: str) -> dict[str, Sentence]:
    written: dict[str, Sentence] = {}
    for room in _ROOMS:
        file = files(f"serai.journey.{room}") / "messages" / f"{language}.yaml"
        if file.is_file():
            written |= {
                code: msgspec.structs.replace(said, language=language)
                for code, said in decode_sentences(file.read_bytes()).items()
            }
    return written
