"""What each field of each message means: the one catalogue (`fields.yaml`) that the API's description, the
field reference and the list of columns are made from."""

from functools import cache
from importlib.resources import files
from typing import Any

import msgspec


class FieldText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A field in words. unit: of the figure. code_list: where its codes stand. example: as on the wire."""

    says: str
    unit: str | None = None
    code_list: str | None = msgspec.field(default=None, name="list")
    example: Any = None

    @property
    def sentence(self) -> str:
        """Meaning, unit and list in one text."""
        parts = [self.says]
        if self.unit:
            parts.append(f"Unit: {self.unit}.")
        if self.code_list:
            parts.append(f"List: {self.code_list}.")
        return " ".join(parts)


def describe_field(struct_name: str, field_name: str) -> FieldText | None:
    """Return what a field means; None where the catalogue does not know it.

    Units and lists that the ending of a name tells are filled in.
    """
    known = _catalogue()
    text = known.get(f"{struct_name}.{field_name}") or known.get(field_name)
    if text is None:
        return None
    ending = next((one for end, one in _ENDINGS.items() if field_name.endswith(end)), None)
    if ending is None:
        return text
    example = ending.example if text.example is None else text.example
    return FieldText(
        says=text.says,
        unit=text.unit or ending.unit,
        code_list=text.code_list or ending.code_list,
        example=example,
    )


def described_names() -> frozenset[str]:
    """Return the names of the catalogue."""
    return frozenset(_catalogue())


class _Ending(msgspec.Struct, frozen=True):
    unit: str | None = None
    code_list: str | None = None
    example: Any = None


_ENDINGS = {
    "_country_code": _Ending(code_list="ISO 3166-1 alpha-2"),
    "_country_codes": _Ending(code_list="ISO 3166-1 alpha-2"),
    "currency_code": _Ending(code_list="ISO 4217"),
    "_amount": _Ending(unit="decimal in the currency next to it"),
    "_mass_kg": _Ending(unit="decimal kilograms"),
    "_ppm": _Ending(unit="parts per million"),
    "_ms": _Ending(unit="milliseconds"),
    "_minor": _Ending(unit="minor units of the currency"),
    "_on": _Ending(unit="calendar day", example="2026-07-01"),
    "_date": _Ending(unit="calendar day", example="2026-07-01"),
    "_at": _Ending(unit="instant of RFC 3339", example="2026-07-01T00:10:00Z"),
    "country_code": _Ending(code_list="ISO 3166-1 alpha-2"),
}
"""By the ending of the name, the most particular first (docs/reference: names)."""


@cache
def _catalogue() -> dict[str, FieldText]:
    text = files("serai.model").joinpath("fields.yaml").read_bytes()
    return msgspec.yaml.decode(text, type=dict[str, FieldText])
