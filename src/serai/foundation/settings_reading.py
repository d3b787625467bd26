"""Reading the settings from a TOML file and the environment, and listing where each came from."""

import difflib
import os
import tomllib
import typing
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import msgspec
import psycopg
from msgspec import Meta
from msgspec.structs import fields

from serai.foundation.settings import Settings
from serai.model.errors import SeraiError

_PREFIX = "SERAI_"
_FILE_VARIABLE = "SERAI_CONFIG"
_DEFAULT_FILE = "serai.toml"


class SettingLine(msgspec.Struct, frozen=True):
    """One setting as `serai settings` shows it. Secrets in `value` are masked."""

    name: str
    value: str
    default: str
    type: str
    unit: str
    meaning: str
    environment_variable: str
    source: str


def read_settings(environment: Mapping[str, str], folder: Path) -> Settings:
    """Read the settings.

    environment: usually `os.environ`. folder: the current folder; `serai.toml` there is read when present, or
    the file that SERAI_CONFIG names. A relative `data.folder` counts from the file that says it, else from
    `folder`. Raises SeraiError `unknown-setting`, `wrong-setting`, `settings-file-missing` or
    `settings-file-unreadable`.
    """
    path = _find_file(environment, folder)
    values: dict[str, dict[str, Any]] = {section: {} for section in _settings_by_section()}
    sources: dict[str, str] = {}
    if path is not None:
        _add_file(path, values, sources)
    _add_environment(environment, values, sources)
    _check_types(values, sources)
    data_folder = path.parent if path is not None and sources.get("data.folder") == str(path) else folder
    values["data"]["folder"] = str(
        data_folder.absolute() / values["data"].get("folder", Settings().data.folder)
    )
    settings = msgspec.convert({**values, "sources": sources}, Settings, strict=False)
    _check_meaning(settings)
    return settings


def list_settings(settings: Settings) -> list[SettingLine]:
    """List every setting with its value, default, type, unit, meaning and source."""
    defaults = Settings()
    lines = []
    for section, names in _settings_by_section().items():
        for name, annotation in names.items():
            full_name = f"{section}.{name}"
            lines.append(
                SettingLine(
                    name=full_name,
                    value=_shown(full_name, getattr(getattr(settings, section), name)),
                    default=_shown(full_name, getattr(getattr(defaults, section), name)),
                    type=annotation.__origin__.__name__,
                    unit=_meta(annotation).extra["unit"],
                    meaning=_meta(annotation).description,
                    environment_variable=_variable(section, name),
                    source=settings.sources.get(full_name, "default"),
                )
            )
    return lines


def _settings_by_section() -> dict[str, dict[str, Any]]:
    """Return the annotation of each setting by section and name."""
    sections = {field.name: field.type for field in fields(Settings) if field.name != "sources"}
    return {
        section: typing.get_type_hints(struct, include_extras=True) for section, struct in sections.items()
    }


def _meta(annotation: Any) -> Any:
    return next(meta for meta in annotation.__metadata__ if isinstance(meta, Meta) and meta.description)


def _variable(section: str, name: str) -> str:
    return f"{_PREFIX}{section}_{name}".upper()


def _find_file(environment: Mapping[str, str], folder: Path) -> Path | None:
    if named := environment.get(_FILE_VARIABLE):
        path = folder.absolute() / named
        if not path.is_file():
            raise SeraiError(
                "settings-file-missing",
                f"{_FILE_VARIABLE} names {path}, which is not there.",
                f"Write the file, or unset {_FILE_VARIABLE}.",
            )
        return path
    path = folder.absolute() / _DEFAULT_FILE
    return path if path.is_file() else None


def _add_file(path: Path, values: dict[str, dict[str, Any]], sources: dict[str, str]) -> None:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise SeraiError(
            "settings-file-unreadable", f"{path} cannot be read as TOML: {fault}.", "Correct the file."
        ) from fault
    known = _settings_by_section()
    for section, entries in document.items():
        if section not in known or not isinstance(entries, dict):
            raise _unknown(section, f"file {path}", list(known))
        for name, value in entries.items():
            if name not in known[section]:
                raise _unknown(
                    f"{section}.{name}", f"file {path}", [f"{section}.{n}" for n in known[section]]
                )
            values[section][name] = value
            sources[f"{section}.{name}"] = str(path)


def _add_environment(
    environment: Mapping[str, str], values: dict[str, dict[str, Any]], sources: dict[str, str]
) -> None:
    by_variable = {
        _variable(s, name): (s, name) for s, names in _settings_by_section().items() for name in names
    }
    for variable, value in environment.items():
        if not variable.startswith(_PREFIX) or variable == _FILE_VARIABLE:
            continue
        if variable not in by_variable:
            raise _unknown(variable, "the environment", [*by_variable, _FILE_VARIABLE])
        section, name = by_variable[variable]
        values[section][name] = value
        sources[f"{section}.{name}"] = variable


def _check_types(values: dict[str, dict[str, Any]], sources: dict[str, str]) -> None:
    for section, names in _settings_by_section().items():
        for name, value in values[section].items():
            source = sources[f"{section}.{name}"]
            try:
                # Only text from the environment may be read as a number; in the file "5" is a fault.
                msgspec.convert(value, names[name], strict=not source.startswith(_PREFIX))
            except msgspec.ValidationError as fault:
                raise _wrong(f"{section}.{name}", source, str(fault)) from fault


def _check_meaning(settings: Settings) -> None:
    sources = settings.sources
    if settings.administration.time_zone not in available_timezones():
        name = "administration.time_zone"
        raise _wrong(
            name, sources.get(name, "default"), f"No such time zone: {settings.administration.time_zone}"
        )
    for proxy in settings.server.trusted_proxies.split():
        try:
            ip_network(proxy)
        except ValueError as fault:
            name = "server.trusted_proxies"
            raise _wrong(name, sources.get(name, "default"), f"Not an address or network: {proxy}") from fault
    for name in ("programs_folder", "archive_folder"):
        if (folder := getattr(settings.database, name)) and not Path(folder).is_absolute():
            source = sources.get(f"database.{name}", "default")
            raise _wrong(f"database.{name}", source, f"Not a path from the root: {folder}")
    try:
        psycopg.conninfo.conninfo_to_dict(settings.database.dsn)
    except psycopg.ProgrammingError:
        # The fault's own words repeat the string, and with it perhaps a password: neither shown nor chained.
        raise _wrong("database.dsn", sources["database.dsn"], "Not a PostgreSQL connection string") from None


def _unknown(key: str, place: str, known: list[str]) -> SeraiError:
    near = difflib.get_close_matches(key, known, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(known)}."
    return SeraiError("unknown-setting", f"There is no setting {key} (in {place}).", hint)


def _wrong(key: str, source: str, words: str) -> SeraiError:
    return SeraiError(
        "wrong-setting",
        f"Setting {key} (from {source}) cannot be used: {words}.",
        "Correct it and start again.",
    )


def _shown(name: str, value: object) -> str:
    if name == "database.dsn" and value:
        shown: dict[str, Any] = dict(psycopg.conninfo.conninfo_to_dict(str(value)))
        return psycopg.conninfo.make_conninfo(
            **(shown | ({"password": "***"} if "password" in shown else {}))
        )
    return str(value).lower() if isinstance(value, bool) else str(value)


def read_settings_here() -> Settings:
    """Read the settings from this process's environment and current folder."""
    return read_settings(os.environ, Path.cwd())
