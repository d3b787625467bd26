"""Codes of the messages and what they stand for here (`codes.yaml`), both ways."""

import datetime as dt
import re
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

Act = Literal["declare", "change", "cancel"]


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every row of the file is as its fields say."""


class Nature(_Row, frozen=True):
    """A category of CN 23. sale_nature_code: ours."""

    code: str
    word: str
    sale_nature_code: str


class MailClass(_Row, frozen=True):
    """A class of mail."""

    code: str
    word: str


class ActCode(_Row, frozen=True):
    """What the sender wants done."""

    code: int
    act: Act


class Scheme(_Row, frozen=True):
    """A registration that pays tax at sale, told by the form of its number."""

    kind: str
    form: str
    source: str


class DecisionCode(_Row, frozen=True):
    """What an answer says of an item in a state."""

    state: str
    code: str
    sentence: str


class PreloadingCode(_Row, frozen=True):
    """What an answer says before loading, by the outcome of the assessment."""

    outcome: str
    code: str
    sentence: str


class Codes(_Row, frozen=True):
    """The whole file."""

    verified: bool
    valid_from: dt.date
    nature: list[Nature]
    written_nature: dict[str, str]
    mail_class: list[MailClass]
    acts: list[ActCode]
    schemes: list[Scheme]
    extra_fields: dict[str, dict[str, str]]
    decisions: list[DecisionCode]
    preloading: list[PreloadingCode]


@cache
def codes() -> Codes:
    """Return the codes."""
    return msgspec.yaml.decode((files("serai.formats.upu") / "codes.yaml").read_bytes(), type=Codes)


@cache
def natures() -> dict[str, Nature]:
    """Return the categories of CN 23 by code."""
    return {one.code: one for one in codes().nature}


@cache
def acts() -> dict[str, Act]:
    """Return acts by the text of EntityState."""
    return {str(one.code): one.act for one in codes().acts}


@cache
def decision_codes() -> dict[str, DecisionCode]:
    """Return what answers say, by state."""
    return {one.state: one for one in codes().decisions}


@cache
def preloading_codes() -> dict[str, PreloadingCode]:
    """Return what answers say before loading, by outcome."""
    return {one.outcome: one for one in codes().preloading}


def scheme_of(number: str) -> str | None:
    """Return the scheme whose numbers have this form; whether it is valid is the register's to say."""
    return next((one.kind for one in codes().schemes if re.fullmatch(one.form, number, re.ASCII)), None)


def write_nature(sale_nature_code: str, declared: str | None) -> str:
    """Return the category to write: the one that was declared, if it says the same."""
    known = natures().get(declared or "")
    if known is not None and known.sale_nature_code == sale_nature_code:
        return known.code
    return codes().written_nature.get(sale_nature_code, codes().written_nature["not-stated"])
