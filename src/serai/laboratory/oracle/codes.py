"""Codes of the customs service of the oracle, from `cds.yaml`, and what is computed as something else."""

from importlib.resources import files

import msgspec
import yaml


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Source: key of one of the file's sources."""

    code: str
    source: str


class ComputedAs(_Row, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A code that is taken as another, and what is said of it."""

    computed_as: str
    note: str


class ReturnedGoodsClaimed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Additional procedures that claim relief for goods that come back, and what is said of it."""

    additional_procedure_codes: tuple[str, ...]
    note: str
    source: str


class OtherRegion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A region with a law of its own, which weighs the tariffs of two territories.

    duty_territories: whose tariff a type of duty is of. remedy_territory: whose trade remedies its goods
    bear. sale_nature_code, sent_from: as which sale and from where what is declared for import is computed.
    exchange_table, limit_currency: what its limits are converted by.
    """

    region_code: str
    law_code: str
    duty_territories: dict[str, str]
    remedy_territory: str
    sale_nature_code: str
    sent_from: str
    exchange_table: str
    limit_currency: str
    note: str
    source: str


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where codes come from."""

    title: str
    address: str = ""


class Remedy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A duty beside the customs duty, and the measure of the tariff that our law computes it by."""

    tax_type: str
    measure: str


class Codes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of the file. duty_types: of both territories; our_duty_type: the one our law has for them."""

    currency: str
    duty_types: tuple[str, ...]
    our_duty_type: str
    tax_type: str
    tax_on_duty_type: str
    excise_pattern: str
    remedies: tuple[Remedy, ...]
    sources: dict[str, Source]
    like_free_circulation: tuple[ComputedAs, ...]
    declaration_types: tuple[ComputedAs, ...]
    returned_goods: ReturnedGoodsClaimed
    northern_ireland: OtherRegion


CDS = msgspec.convert(
    yaml.safe_load(files("serai.laboratory.oracle").joinpath("cds.yaml").read_bytes()), Codes
)
