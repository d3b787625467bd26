"""Which identifiers name the same thing: EPC URIs and GS1 Digital Links, as one canonical link."""

import re
from functools import lru_cache
from importlib.resources import files
from typing import Final

import msgspec
from stdnum import ean

_HOME: Final = "https://id.gs1.org"
_WEB = re.compile(r"\Ahttps?://[^/?#]+(/[^?#]*)")
_DIGITS = re.compile(r"\A[0-9]+\Z")
_ID: Final = "urn:epc:id:"
_PATTERN: Final = "urn:epc:idpat:"
_ANY: Final = "*"
_ESCAPED = re.compile(rb"%([0-9A-Fa-f]{2})")
_TO_ESCAPE = re.compile(rb"[^A-Za-z0-9!'()*+,\-.:;=_~]")
"""All but what an EPC URI writes as it is (Tag Data Standard, table A-1): in links too."""


class _Scheme(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    key: str
    number: str
    has_check_digit: bool = False
    parts: int = 0
    then: str = ""
    none_is: str = ""
    first: str = ""
    last: bool = False


class _Identifiers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    schemes: dict[str, _Scheme]
    without_key: list[str]
    number_digits: dict[str, int]
    keys: dict[str, str]
    qualifiers: dict[str, list[str]]
    qualifier_words: dict[str, str]


_TABLE: Final = msgspec.yaml.decode(
    (files("serai.formats.epcis") / "identifiers.yaml").read_bytes(), type=_Identifiers
)
_KEYS: Final = {key: key for key in _TABLE.keys} | {word: key for key, word in _TABLE.keys.items()}
_QUALIFIERS: Final = {one: one for one in _TABLE.qualifier_words} | {
    word: one for one, word in _TABLE.qualifier_words.items()
}
_WITHOUT_KEY: Final = tuple(f"{_ID}{scheme}:" for scheme in _TABLE.without_key)


def canonical_identifier(uri: str) -> str:
    """Give the Digital Link on id.gs1.org of a GS1 identifier; any other URI comes back as it is.

    An EPC URI says where its company prefix ends and a Digital Link does not, so only this direction is sure.
    A link's own domain and what precedes its key are its owner's resolver and fall away, as does the query.
    A pattern for all of one class (`urn:epc:idpat:...*`) is the link of the class.
    """
    return _from_urn(uri) or _from_link(uri) or uri


def is_pattern(uri: str) -> bool:
    """Say whether an identifier of a query stands for many things."""
    return uri.startswith(_PATTERN) and _ANY in uri


def pattern_beginnings(pattern: str) -> tuple[str, ...]:
    """Give how the canonical names begin that a pattern stands for; none: it is no pattern of a known scheme.

    After the first open field all fields must be open (Tag Data Standard, section 8).
    """
    name, _, body = pattern.removeprefix(_PATTERN).partition(":")
    fields = body.split(".")
    told = fields[: fields.index(_ANY)] if _ANY in fields else fields
    if any(_ANY in field for field in told) or set(fields[len(told) :]) != {_ANY}:
        return ()
    if name in _TABLE.without_key:
        return (f"{_ID}{name}:" + "".join(f"{_escaped(field)}." for field in told),)
    scheme = _TABLE.schemes.get(f"{_ID}{name}")
    if scheme is None or (told and not _DIGITS.match(told[0])):
        return ()
    start = f"{_HOME}/{scheme.key}/"
    if len(told) > 1:
        link = _from_urn(pattern)
        return () if link is None else (link if scheme.last else f"{link}/",)
    if not told:
        return (start,)
    # The digit before a company prefix says how the goods are packed, and is part of the reference.
    indicators = "0123456789" if scheme.number == "indicator" else [scheme.first]
    return tuple(f"{start}{digit}{told[0]}" for digit in indicators)


def check_digit(digits: str) -> str:
    """Give the check digit of GS1 keys: weights 3 and 1 from the right, to the next ten."""
    return str(ean.calc_check_digit(digits))


def has_wrong_check_digit(uri: str) -> bool:
    """Say whether a canonical Digital Link's number ends on another digit than its check digit."""
    if not uri.startswith(f"{_HOME}/"):
        return False
    key, _, rest = uri.removeprefix(f"{_HOME}/").partition("/")
    length = _TABLE.number_digits.get(key)
    number = rest.partition("/")[0][:length]
    if length is None or len(number) != length or not _DIGITS.match(number):
        return False
    return check_digit(number[:-1]) != number[-1]


def _from_urn(uri: str) -> str | None:
    head, body = _head_and_body(uri)
    scheme = _TABLE.schemes.get(head.replace(_PATTERN, _ID))
    if scheme is None:
        return f"{head}:{_escaped(body)}" if uri.startswith(_WITHOUT_KEY) else None
    fields = body.split(".", 2 + scheme.parts)
    if len(fields) < 2 + scheme.parts or not _DIGITS.match(fields[0]) or _ANY in fields[: 2 + scheme.parts]:
        return None
    number = _number(scheme, fields)
    if number is None:
        return None
    tail = _escaped(fields[2 + scheme.parts]) if len(fields) > 2 + scheme.parts else ""
    if tail == _ANY and head.startswith(_PATTERN):
        tail = ""
    if scheme.last:
        return f"{_HOME}/{scheme.key}/{number}{tail}"
    is_told = bool(scheme.then) and tail not in ("", scheme.none_is)
    return f"{_HOME}/{scheme.key}/{number}" + (f"/{scheme.then}/{tail}" if is_told else "")


def _head_and_body(uri: str) -> tuple[str, str]:
    # A serial number may hold a colon: the scheme ends at the fourth.
    steps = uri.split(":", 4)
    return (":".join(steps[:4]), steps[4]) if len(steps) > 4 else (uri, "")


def _number(scheme: _Scheme, fields: list[str]) -> str | None:
    """Give the number of the key: company prefix and reference, with its check digit and parts."""
    prefix, reference = fields[0], fields[1]
    if scheme.number == "indicator":
        number = f"{reference[:1]}{prefix}{reference[1:]}"
    else:
        number = f"{scheme.first}{prefix}{_escaped(reference)}"
    if scheme.has_check_digit:
        length = _TABLE.number_digits[scheme.key]
        if not _DIGITS.match(number) or len(number) != length - 1:
            return None
        number += check_digit(number)
    parts = fields[2 : 2 + scheme.parts]
    return number + "".join(parts) if all(len(one) == 2 and _DIGITS.match(one) for one in parts) else None


def _from_link(uri: str) -> str | None:
    found = _WEB.match(uri)
    steps = found[1].strip("/").split("/") if found else []
    for place, step in enumerate(steps[:-1]):
        # A key stands before its number; numbers of GS1 keys begin with digits.
        key = _KEYS.get(step)
        if key is not None and steps[place + 1][:1].isdigit():
            number = steps[place + 1]
            if key == "01" and _DIGITS.match(number):
                number = number.rjust(14, "0")
            return "/".join([_HOME, key, _escaped(number), *_finest(key, steps[place + 2 :])])
    return None


def _finest(key: str, steps: list[str]) -> list[str]:
    """Give the qualifier that names the thing: beside a serial number, a lot does not tell which it is."""
    told = {_QUALIFIERS.get(name, name): value for name, value in zip(steps[::2], steps[1::2], strict=False)}
    known = _TABLE.qualifiers.get(key, [])
    if len(steps) % 2 or not told.keys() <= set(known):
        return [_escaped(one) for one in steps]
    finest = next((name for name in known if name in told), None)
    if finest is None or (finest == "254" and told[finest] == "0"):
        return []
    return [finest, _escaped(told[finest])]


@lru_cache(maxsize=1024)
def _escaped(text: str) -> str:
    if text.isascii() and text.isalnum():
        return text
    plain = _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), text.encode("utf-8", "surrogatepass"))
    return _TO_ESCAPE.sub(lambda found: b"%%%02X" % found[0][0], plain).decode("ascii")
