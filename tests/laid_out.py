"""Packed details laid out as temporary tables `goods_item`, `charge` and `finding`, so that tests ask in SQL
what is stored; and details changed behind the back of the program."""

import re
from collections.abc import Container, Iterable
from typing import Any

import psycopg
from msgspec.structs import replace

from serai.model.packed_detail import CHARGE_KINDS, PackedCharge, pack_detail, unpack_detail

_ASKS = re.compile(r"\b(?:FROM|JOIN)\s+(goods_item|charge|finding)\b")
_DETAILS = """
    SELECT consignment_id, decision_id, supersedes, detail FROM decision
    ORDER BY consignment_id, decision_id"""
_OWN = "consignment_id bigint, decision_id bigint, sequence_number smallint"
_TABLES = {
    "goods_item": f"{_OWN}, commodity_code text, origin_country_code text, customs_value_minor bigint,"
    " relief_code text, lane smallint, reason_bits numeric",
    "charge": f"{_OWN}, charge_number smallint, kind smallint, due smallint, is_waived boolean,"
    " tax_type_code text, debtor_code text, currency_code text, base_minor bigint, rate_numerator bigint,"
    " rate_denominator bigint, amount_minor bigint, is_reversal boolean",
    "finding": "decision_id bigint, sequence_number smallint, code text, pointer text, severity text,"
    " parameters text",
}


def rows_laid_out(
    connection: psycopg.Connection[Any], statement: str, parameters: Any = None
) -> list[tuple[Any, ...]]:
    """Return the rows of a statement, which may ask for the tables laid out."""
    tables = _asked(statement)
    if tables:
        stored = connection.execute(_DETAILS).fetchall()
        with connection.cursor() as cursor:
            for table, rows in _laid_out(stored, tables).items():
                cursor.execute(_made(table))
                with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
                cursor.execute(f"ANALYZE {table}")
    return connection.execute(statement, parameters).fetchall()


async def rows_laid_out_async(
    connection: psycopg.AsyncConnection[Any], statement: str, parameters: Any = None
) -> list[tuple[Any, ...]]:
    """Return the rows of a statement, which may ask for the tables laid out."""
    tables = _asked(statement)
    if tables:
        stored = await (await connection.execute(_DETAILS)).fetchall()
        async with connection.cursor() as cursor:
            for table, rows in _laid_out(stored, tables).items():
                await cursor.execute(_made(table))
                async with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                    for row in rows:
                        await copy.write_row(row)
                await cursor.execute(f"ANALYZE {table}")
    return await (await connection.execute(statement, parameters)).fetchall()


def charges_raised(packed: bytes, kinds: Container[int] = range(len(CHARGE_KINDS))) -> bytes:
    """Return a detail with its charges of some kinds a minor unit higher: tampered with."""
    detail = unpack_detail(packed)
    charges = tuple(
        replace(one, amount_minor=one.amount_minor + 1) if one.kind in kinds else one
        for one in detail.charges
    )
    return pack_detail(replace(detail, charges=charges))


def _asked(statement: str) -> set[str]:
    return set(_ASKS.findall(statement))


def _made(table: str) -> str:
    return f"DROP TABLE IF EXISTS pg_temp.{table}; CREATE TEMPORARY TABLE {table} ({_TABLES[table]})"


def _laid_out(
    stored: Iterable[tuple[int, int, int | None, bytes]], tables: set[str]
) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of each table that is asked for."""
    found: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _TABLES}
    charged: dict[int | None, tuple[PackedCharge, ...]] = {}
    for consignment_id, decision_id, supersedes, packed in stored:
        detail, own = unpack_detail(packed), (consignment_id, decision_id)
        for item in detail.items:
            found["goods_item"].append((*own, *_fields(item)[:-1], item.reason_bits))
        for charge in charged.get(supersedes, ()):
            *fields, amount = _fields(charge)
            found["charge"].append((*own, *fields, -amount, True))
        charged[decision_id] = detail.charges
        found["charge"] += [(*own, *_fields(charge), False) for charge in detail.charges]
        found["finding"] += [(decision_id, *_fields(one)[:-1]) for one in detail.findings]
    return {name: found[name] for name in tables}


def _fields(struct: Any) -> tuple[Any, ...]:
    return tuple(getattr(struct, name) for name in struct.__struct_fields__)
