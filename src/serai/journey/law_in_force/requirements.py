"""What agencies ask for in the place of what a pack says, from a day on: versions of the pack by day. Pure.

A component stands beside the pack that it changes, by name too, so that a basis which rests on the pack rests
on both. The law book picks a version by its days, as it picks any law.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from serai.journey.assessment.store import LAW_FILE, Component, make_component
from serai.law.load import decode_pack
from serai.law.pack import DatedValue, DocumentsTogether, Exclusion, Pack, Parameter, Source
from serai.law.versions import version_code
from serai.model.errors import SeraiError

REQUIREMENTS: Final = "agency-requirements"
"""Kind of the component."""
_FILE: Final = "/agency-requirements.json"
_PACK: Final = "/pack.yaml"
RESTRICTED: Final = "restricted"
"""Layer of the packs whose rules agencies may change."""
_SOURCE: Final = "agency-requirement"
OTHER_DOCUMENTS: Final = (
    "The agency itself has said which documents open the way: GET /v1/agencies/requirements lists them. The "
    "declarant adds one of them by an amendment."
)


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an agency asks for. is_asked: False: the rule is not applied. document_codes: any one of them
    opens it. free_mass_g, free_count: up to so much of both the rule does not apply; unknown is more."""

    is_asked: bool
    document_codes: list[DocumentsTogether] = []
    free_mass_g: Annotated[int, Meta(ge=1)] | None = None
    free_count: Annotated[int, Meta(ge=1)] | None = None


class Requirement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What holds of a rule from a day on. terms: None: what the pack says."""

    rule_id: str
    party_id: int
    valid_from: dt.date
    terms: Terms | None


def read_requirements(components: Iterable[Component]) -> list[Requirement]:
    """Return what agencies ask for, by rule and day. Raises SeraiError `requirements-unreadable`."""
    found = [one for its in components if its.kind == REQUIREMENTS for one in _decode(its.content)]
    return sorted(found, key=lambda one: (one.rule_id, one.valid_from))


def terms_on(requirements: Iterable[Requirement], rule_id: str, day: dt.date) -> Terms | None:
    """Return what is asked for of a rule on a day; None: what the law says."""
    holds = [one for one in requirements if one.rule_id == rule_id and one.valid_from <= day]
    return max(holds, key=lambda one: one.valid_from).terms if holds else None


def find_pack(components: Iterable[Component], rule_id: str) -> str | None:
    """Return the code of the pack on restricted goods that has a rule."""
    for one in components:
        if one.kind == LAW_FILE and one.name.endswith(_PACK):
            pack = decode_pack(one.content, one.name)
            if pack.layer == RESTRICTED and any(its.rule_id == rule_id for its in pack.exclusions):
                return pack.code
    return None


def with_requirement(components: Sequence[Component], code: str, new: Requirement) -> list[Component]:
    """Return components in which an agency asks for something of a rule of a pack from a day on; what it
    wanted from that day on before gives way."""
    name = f"{code}{_FILE}"
    before = [one for its in components if its.name == name for one in _decode(its.content)]
    kept = [one for one in before if (one.rule_id, one.valid_from) != (new.rule_id, new.valid_from)]
    if new.terms is None:
        kept = [one for one in kept if one.rule_id != new.rule_id or one.valid_from < new.valid_from]
    wanted = sorted([*kept, new], key=lambda one: (one.valid_from, one.rule_id))
    others = [one for one in components if one.name != name]
    return [*others, make_component(REQUIREMENTS, name, msgspec.json.encode(wanted))]


def versions_by_pack(components: Sequence[Component]) -> dict[str, tuple[Pack, ...]]:
    """Return by code of a pack its versions, where agencies have changed it; rules that a pack has no more
    are left out."""
    files = {one.name: one.content for one in components if one.kind == LAW_FILE}
    return {
        code: _versions_of(files[path], path, one.content)
        for one in components
        if one.kind == REQUIREMENTS
        for code in [one.name.removesuffix(_FILE)]
        for path in [f"{code}{_PACK}"]
        if path in files
    }


@lru_cache(maxsize=64)
def _versions_of(pack_content: bytes, path: str, content: bytes) -> tuple[Pack, ...]:
    # The same structs for the same bytes: programs are kept by them.
    return tuple(_split(decode_pack(pack_content, path), _decode(content)))


def _split(pack: Pack, requirements: Sequence[Requirement]) -> Iterator[Pack]:
    end = pack.valid_to or dt.date.max
    later = {one.valid_from for one in requirements if pack.valid_from < one.valid_from < end}
    days = [pack.valid_from, *sorted(later)]
    for place, day in enumerate(days):
        holds = {one.rule_id: one.terms for one in requirements if one.valid_from <= day}
        upcoming = days[place + 1] if place + 1 < len(days) else pack.valid_to
        yield msgspec.structs.replace(
            _changed(pack, {rule: terms for rule, terms in holds.items() if terms is not None}),
            code=version_code(pack.code, day) if place else pack.code,
            valid_from=day,
            valid_to=upcoming,
        )


def _changed(pack: Pack, terms: Mapping[str, Terms]) -> Pack:
    source = Source(title="What the agency that keeps the permits of the rule asks for itself")
    exclusions, parameters = [], [*pack.parameters]
    for number, rule in enumerate(pack.exclusions):
        its = terms.get(rule.rule_id)
        if its is None:
            exclusions.append(rule)
        elif its.is_asked:
            name = f"agency_free_mass_{pack.jurisdiction.lower()}_{number}"
            exclusions.append(_asked(rule, its, name))
            if its.free_mass_g is not None:
                parameters.append(_mass(name, rule, its.free_mass_g))
    return msgspec.structs.replace(
        pack, exclusions=exclusions, parameters=parameters, sources={**pack.sources, _SOURCE: source}
    )


def _asked(rule: Exclusion, terms: Terms, mass_name: str) -> Exclusion:
    over = []
    if terms.free_mass_g is not None:
        over.append(f"COALESCE(gross_mass > {mass_name}, TRUE)")
    if terms.free_count is not None:
        over.append(f"COALESCE(quantity > {terms.free_count}, TRUE)")
    is_same = set(terms.document_codes) == set(rule.opened_by_document_codes)
    return msgspec.structs.replace(
        rule,
        when=f"({rule.when}) AND ({' OR '.join(over)})" if over else rule.when,
        opened_by_document_codes=terms.document_codes,
        remedy=rule.remedy if is_same else OTHER_DOCUMENTS,
    )


def _mass(name: str, rule: Exclusion, mass_g: int) -> Parameter:
    value = DatedValue(valid_from=dt.date.min, valid_to=None, value=mass_g, source=_SOURCE)
    meaning = f"Mass up to which the agency does not ask for what the rule {rule.rule_id} asks for"
    return Parameter(name=name, kind="mass", meaning=meaning, values=[value])


def _decode(content: bytes) -> list[Requirement]:
    try:
        return msgspec.json.decode(content, type=list[Requirement])
    except msgspec.DecodeError as fault:
        raise SeraiError(
            "requirements-unreadable",
            "What agencies ask for themselves cannot be read.",
            "Put the generation of law before this one in force again.",
        ) from fault
