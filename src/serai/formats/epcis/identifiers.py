"""Which identifiers name the same thing: EPC URIs and GS1 Digital Links, as one canonical link."""

import re
from importlib.resources import files
from typing import Final

import msgspec
from stdnum import ean

_HOME: Final = "https://id.gs1.org"
_WEB = re.compile(r"\Ahttps?://[^/?#]+(/[^?#]*)")
_DIGITS = re.compile(r"\A[0-9]+\Z")


class _Scheme(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    key: str
    number: str
    has_check_digit: bool = False
    then: str = ""
    none_is: str = ""
    first: str = ""
    last: bool = False


class _Identifiers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    schemes: dict[str, _Scheme]
    number_digits: dict[str, int]
    keys: list[str]


_TABLE: Final = msgspec.yaml.decode(
    (files("serai.formats.epcis") / "identifiers.yaml").read_bytes(), type=_Identifiers
)


def canonical_identifier(uri: str) -> str:
    """Give the Digital Link on id.gs1.org of a GS1 identifier; any other URI comes back as it is.

    An EPC URI says where its company prefix ends and a Digital Link does not, so only this direction is sure.
    A link's own domain and what precedes its key are its owner's resolver and fall away, as does the query.
    """
    return _from_urn(uri) or _from_link(uri) or uri


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
    head, _, body = uri.rpartition(":")
    scheme = _TABLE.schemes.get(head)
    fields = body.split(".", 2)
    if scheme is None or len(fields) < 2 or not _DIGITS.match(fields[0]):
        return None
    prefix, reference = fields[0], fields[1]
    if scheme.number == "indicator":
        number = f"{reference[:1]}{prefix}{reference[1:]}"
    else:
        number = f"{scheme.first}{prefix}{reference}"
    if scheme.has_check_digit:
        length = _TABLE.number_digits[scheme.key]
        if not _DIGITS.match(number) or len(number) != length - 1:
            return None
        number += check_digit(number)
    tail = fields[2] if len(fields) > 2 else ""
    if scheme.last:
        return f"{_HOME}/{scheme.key}/{number}{tail}"
    is_told = bool(scheme.then) and tail not in ("", scheme.none_is)
    return f"{_HOME}/{scheme.key}/{number}" + (f"/{scheme.then}/{tail}" if is_told else "")


def _from_link(uri: str) -> str | None:
    found = _WEB.match(uri)
    steps = found[1].strip("/").split("/") if found else []
    for place, step in enumerate(steps[:-1]):
        # A key stands before its number; numbers of GS1 keys begin with digits.
        if step in _TABLE.keys and steps[place + 1][:1].isdigit():
            number = steps[place + 1]
            if step == "01" and _DIGITS.match(number):
                number = number.rjust(14, "0")
            return "/".join([_HOME, step, number, *steps[place + 2 :]])
    return None
