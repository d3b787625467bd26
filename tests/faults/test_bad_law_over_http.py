"""Bad law sent to a serving node: refused with every fault; the next parcel is decided by the law before."""

import io
import time
import zipfile

import pytest

from serai.foundation.shipped import find_shipped, read_law_files
from tests.faults.serving import Serving, encoded, parcel
from tests.law.bad_packs import bad_packs
from tests.turns import in_turn_but

ZIP = "application/zip"
CHOSEN = (
    "a base that needs itself",
    "no rate on some days",
    "a negative rate in the tariff",
    "two laws in force",
    "a value without a source",
    "a YAML bomb",
    "an expression that takes very long",
    "a pattern that runs without end",
    "a tariff in UTF-16",
    "several faults of meaning",
)
OFTEN = {"a negative rate in the tariff", "a YAML bomb", "an expression that takes very long"}


@pytest.fixture(scope="module")
def legal(node: Serving) -> str:
    return node.add_party("Invented Office", "legal", scopes=("administering",))[1]


def packed(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, one in files.items():
            archive.writestr(path, one)
    return content.getvalue()


@pytest.mark.parametrize("name", in_turn_but(OFTEN, CHOSEN))
def test_bad_law_is_refused_and_the_next_parcel_is_decided_as_before(
    node: Serving, key: str, legal: str, name: str
) -> None:
    number = CHOSEN.index(name)
    (case,) = (one for one in bad_packs() if one.name == name)
    first = node.send(encoded(parcel(f"BAD-{number}-1")), key).json()["decision"]
    before = node.rows("SELECT max(generation_id) FROM law_generation")
    laws = {**read_law_files(find_shipped("laws")), **case.files}
    laws["tables/territories.csv"] = read_law_files(find_shipped("laws"))["tables/territories.csv"]

    refused = node.send(packed(laws), legal, ZIP, path="/v1/law-generations")

    problem = refused.json()
    assert (refused.status, problem["code"]) == (422, "law-faulty")
    assert [one["code"] for one in problem["errors"]] == [one.code for one in case.expected]
    for error, expected in zip(problem["errors"], case.expected, strict=True):
        assert expected.says in error["sentence"]
        assert error["remedy"]
        assert error["pointer"].rpartition(":")[2].isdigit()
    time.sleep(1.5)
    second = node.send(encoded(parcel(f"BAD-{number}-2")), key).json()["decision"]
    assert (first["basis"], first["totals"]) == (second["basis"], second["totals"])
    assert node.rows("SELECT max(generation_id) FROM law_generation") == before


def test_an_archive_of_endless_files_is_refused_before_it_is_unpacked(
    node: Serving, key: str, legal: str
) -> None:
    refused = node.send(
        packed({"XX-2026/pack.yaml": b"0" * (100 * 2**20)}), legal, ZIP, path="/v1/law-generations"
    )

    assert (refused.status, refused.json()["code"]) == (422, "archive-faulty")
    assert node.send(encoded(parcel("BAD-AFTER-1")), key).status == 201
