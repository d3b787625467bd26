"""Our tables of shapes, line by line against the classes that pyiso20022 makes of the published schemas; and
what we write, against it and against the schemas that sepaxml carries."""

import dataclasses
import enum
import importlib
import typing
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sepaxml
from lxml import etree
from xsdata.formats.dataclass.parsers import XmlParser

from serai.formats.iso20022.read import read_bank_message
from serai.formats.iso20022.shapes import Part, Shape, shapes
from serai.formats.iso20022.write_order import write_order, write_status
from serai.formats.xml_shape import UNLIMITED
from tests.formats.iso20022.messages import order, report, statement, written

ROOT = Path(__file__).parents[3]


def _in_turn(shape: Shape) -> Any:
    """Each library module takes a second to read: the versions between first and last are for slow runs."""
    is_between = shape.message == "camt.054" or shape.version in range(3, 8)
    return pytest.param(shape, marks=pytest.mark.slow if is_between and shape.message[0] == "c" else ())


@pytest.mark.parametrize("shape", list(map(_in_turn, shapes().values())), ids=lambda one: one.name)
def test_each_line_says_what_the_published_schema_says(shape: Shape) -> None:
    document = _library(shape.name).Document
    (top,) = dataclasses.fields(document)

    assert top.metadata["name"] == shape.root
    assert _library(shape.name).__dict__["Document"].Meta.namespace == shape.namespace
    assert len(_compare(_type_of(document, top)[0], shape.root, shape)) > 10


def _compare(kind: Any, name: str, shape: Shape) -> set[tuple[str, str]]:
    """Hold a record and all below it against a class; returns the pairs that were compared."""
    compared: set[tuple[str, str]] = set()
    waiting = [(kind, name)]
    while waiting:
        kind, name = waiting.pop()
        if (kind.__name__, name) in compared:
            continue
        compared.add((kind.__name__, name))
        record, fields = shape.records[name], dataclasses.fields(kind)
        assert list(record.parts) == [one.metadata["name"] for one in fields], name
        assert record.is_choice == kind.__name__.rstrip("0123456789").endswith("Choice"), name
        for field, part in zip(fields, record.parts.values(), strict=True):
            inner, is_list = _type_of(kind, field)
            where = f"{shape.name} {name}/{part.name}"
            _compare_number(field, part, where, is_list=is_list)
            _compare_form(field, inner, part, where)
            if part.group is not None:
                waiting.append((inner, part.group))
    return compared


def _compare_number(field: Any, part: Part, where: str, *, is_list: bool) -> None:
    stated = field.metadata
    assert part.least == int(stated.get("required", False) or stated.get("min_occurs", 0)), where
    assert part.most == (stated.get("max_occurs", UNLIMITED) if is_list else 1), where


def _compare_form(field: Any, inner: Any, part: Part, where: str) -> None:
    stated, form = field.metadata, part.form
    if part.kind == "any":
        return
    if part.kind == "amount":
        value = next(one for one in dataclasses.fields(inner) if one.metadata.get("name") != "Ccy").metadata
        assert form is not None
        assert (value["total_digits"], value["fraction_digits"]) == (form.digits_max, form.decimals_max), (
            where
        )
        assert value["min_inclusive"] == 0, where
        return
    if part.group is not None:
        assert dataclasses.is_dataclass(inner), where
        return
    assert form is not None
    if isinstance(inner, type) and issubclass(inner, enum.Enum):
        values = {one.value for one in inner}
        is_open = part.kind == "s" and form.characters_max == max(map(len, values))
        assert is_open or form.values == values, where
    elif inner is Decimal:
        assert (stated["total_digits"], stated["fraction_digits"]) == (form.digits_max, form.decimals_max), (
            where
        )
    elif inner is bool:
        assert part.kind == "flag", where
    elif inner is str and "pattern" not in stated:
        bounds = (stated["min_length"], stated["max_length"])
        assert (form.characters_min, form.characters_max) == bounds, where
    elif inner is str:
        assert part.kind in {"count", "page", "currency", "country", "iban", "bic", "uuid", "s"}, where
        assert part.kind != "s" or form.characters_max == 20, f"{where}: a legal entity's number"
    else:
        assert part.kind == {"XmlDate": "day", "XmlDateTime": "instant"}[inner.__name__], where


def _type_of(kind: Any, field: Any) -> tuple[Any, bool]:
    """Return the type of a field without `None` and `list`, and whether it is a list."""
    inner = typing.get_type_hints(kind)[field.name]
    arguments = [one for one in typing.get_args(inner) if one is not type(None)]
    if typing.get_origin(inner) is list:
        return arguments[0], True
    return (arguments[0], False) if arguments else (inner, False)


def _library(name: str) -> Any:
    return importlib.import_module(f"pyiso20022.{name[:4]}.{name.replace('.', '_')}")


@pytest.mark.parametrize(
    "version", [2, *(pytest.param(one, marks=pytest.mark.slow) for one in range(3, 8)), 8]
)
def test_the_library_reads_what_we_write_as_we_do(version: int) -> None:
    content = written(version=version)
    (ours,) = read_bank_message(content)[0].statements  # type: ignore[union-attr]
    (theirs,) = (
        XmlParser().from_bytes(content, _library(f"camt.053.001.{version:02}").Document).bk_to_cstmr_stmt.stmt
    )

    amounts = [
        int(one.amt.value * 100) * (-1 if one.cdt_dbt_ind.value == "DBIT" else 1) for one in theirs.ntry
    ]
    assert [one.amount_minor for one in ours.entries] == amounts
    first = theirs.ntry[0].ntry_dtls[0].tx_dtls[0]
    mine = ours.entries[0].transactions[0]
    party = first.rltd_pties.dbtr
    assert mine.debtor_name == (party.pty.nm if version >= 7 else party.nm)
    assert mine.debtor_account.iban == first.rltd_pties.dbtr_acct.id.iban
    assert mine.creditor_reference == first.rmt_inf.strd[0].cdtr_ref_inf.ref
    assert mine.end_to_end_id == first.refs.end_to_end_id
    assert ours.sequence_number == theirs.elctrnc_seq_nb
    assert [one.code for one in ours.balances] == [
        getattr(one.tp.cd_or_prtry.cd, "value", one.tp.cd_or_prtry.cd) for one in theirs.bal
    ]


@pytest.mark.parametrize("version", [3, 9])
def test_orders_that_we_write_fit_the_published_schema(version: int) -> None:
    folder = Path(sepaxml.__file__).parent / "schemas"
    schema = etree.XMLSchema(etree.parse(folder / f"pain.001.001.{version:02}.xsd"))
    content = write_order(order(version))

    schema.assertValid(etree.fromstring(content))
    spoilt = etree.fromstring(content.replace(b"<PmtMtd>TRF</PmtMtd>", b""))
    assert not schema.validate(spoilt), "the schema is no schema"


@pytest.mark.parametrize("version", [3, 10])
def test_the_library_reads_reports_that_we_write(version: int) -> None:
    document = _library(f"pain.002.001.{version:02}").Document
    theirs = XmlParser().from_bytes(write_status(report(version)), document).cstmr_pmt_sts_rpt

    (batch,) = theirs.orgnl_pmt_inf_and_sts
    codes = [getattr(one.tx_sts, "value", one.tx_sts) for one in batch.tx_inf_and_sts]
    assert codes == ["ACSC", "RJCT"]
    assert batch.tx_inf_and_sts[1].sts_rsn_inf[0].rsn.cd == "AC04"


def test_samples_are_what_the_tests_write() -> None:
    sample = (ROOT / "examples/standards/iso20022-statement.xml").read_bytes()

    read, findings = read_bank_message(sample)
    assert findings == []
    again, _ = read_bank_message(
        written(msgspec.structs.replace(statement(), identification="STMT-2026-212"))
    )
    assert [one.amount_minor for one in read.statements[0].entries] == [  # type: ignore[union-attr]
        one.amount_minor
        for one in again.statements[0].entries  # type: ignore[union-attr]
    ]
