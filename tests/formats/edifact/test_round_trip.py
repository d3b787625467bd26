"""What a report holds of a transport document reads back the same, whatever it says."""

import datetime as dt
import string
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.formats.convertible import Circumstances
from serai.formats.cuscar.convert import write_cuscar
from serai.formats.standards import CHECKS, CONVERSIONS
from serai.model.documents import Package, Person, TransportDetail, TransportDocument

SAMPLE = Path("examples/standards/cuscar.edi").read_bytes()
AT = dt.datetime(2026, 7, 1, 8, 30, tzinfo=dt.UTC)
ZONES = [dt.UTC, ZoneInfo("Asia/Kathmandu")]
"""Without an hour that comes twice: a time that names no zone cannot tell one from the other."""

CODES = st.text(string.ascii_letters + string.digits + "'+:?-/", min_size=1, max_size=20)
# Blanks within are kept, those around a value say nothing.
WORDS = st.lists(
    st.text(st.characters(min_codepoint=33, exclude_categories=("C", "Z")), min_size=1, max_size=9),
    min_size=1,
    max_size=4,
).map(" ".join)
MASSES = st.decimals(0, 99_999, places=3).map(lambda mass: f"{mass:f}")
INSTANTS = st.integers(946_684_800, 3_786_912_000).map(
    lambda second: f"{dt.datetime.fromtimestamp(second, dt.UTC):%Y-%m-%dT%H:%M:%S}Z"
)
PERSONS = st.builds(
    Person,
    name=WORDS,
    country_code=st.sampled_from(["CN", "DE"]),
    street=st.none() | st.lists(WORDS, min_size=1, max_size=4).map("\n".join),
    city=st.none() | WORDS,
    postcode=st.none() | CODES,
    region_code=st.none() | CODES,
    party_identifier=st.none() | CODES,
)
PACKAGES = st.builds(Package, type_code=CODES, count=st.integers(1, 99_999), marks=st.none() | WORDS)
DOCUMENTS = st.builds(
    lambda report, house, **fields: TransportDocument(
        reference=f"{report}-{house}", house_document=house, logistics_channel_code="cargo", **fields
    ),
    CODES,
    CODES,
    master_document=st.none() | CODES,
    ucr=st.none() | CODES,
    transport_mode_code=st.none() | st.sampled_from(["1", "4"]),
    loading_place_code=st.none() | CODES,
    unloading_place_code=st.none() | CODES,
    scheduled_arrival_at=st.none() | INSTANTS,
    scheduled_departure_at=st.none() | INSTANTS,
    gross_mass_kg=st.none() | MASSES,
    packages=st.lists(PACKAGES, max_size=3),
    description=st.none() | WORDS,
    consignor=st.none() | PERSONS,
    consignee=st.none() | PERSONS,
    detail=st.none() | st.builds(TransportDetail, carrier_id=CODES, carrier_name=st.none() | WORDS),
)


def read(content: bytes, told: Circumstances) -> list[TransportDocument]:
    parts = [one for one in CONVERSIONS["cuscar"].read(content, told) if one.kind]
    assert all(one.document is not None for one in parts), [one.findings for one in parts]
    return [one.document for one in parts if isinstance(one.document, TransportDocument)]


@pytest.mark.parametrize("zone", [*ZONES, ZoneInfo("Europe/Berlin")], ids=str)
def test_the_sample_written_again_says_the_same(zone: dt.tzinfo) -> None:
    told = Circumstances(AT, zone)
    documents = read(SAMPLE, told)

    written = write_cuscar(documents, told)

    assert CHECKS["cuscar"].find(written) == []
    assert read(written, told) == documents


@pytest.mark.in_turn
@settings(max_examples=150)
@given(
    st.lists(DOCUMENTS, min_size=1, max_size=3, unique_by=lambda one: one.house_document),
    st.sampled_from(ZONES),
)
def test_any_document_reads_back_the_same(documents: list[TransportDocument], zone: dt.tzinfo) -> None:
    told = Circumstances(AT, zone)

    again = read(write_cuscar(documents, told), told)

    def key(one: TransportDocument) -> str:
        return one.house_document

    assert sorted(again, key=key) == sorted(documents, key=key)
