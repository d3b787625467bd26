"""The office to which appeals go: by destination and channel, from a file that the settings name."""

from pathlib import Path

import pytest

from serai.journey.offices.office import read_offices
from serai.model.errors import SeraiError
from tests.journey.cases.world import World, parcel

FILE = """
- name: Post Office of Customs
  address: Invented Street 1
  hours: Monday to Friday
  contact: post@customs.example
  channel_codes: [post]
  country_codes: [IE]
- name: Airport Office
  address: Invented Street 2
  hours: always
  contact: air@customs.example
"""


def test_an_office_is_found_by_country_and_channel_the_first_that_fits(tmp_path: Path) -> None:
    file = tmp_path / "offices.yaml"
    file.write_text(FILE, encoding="utf-8")
    offices = read_offices(str(file), "Testland Customs")

    found = [
        offices.responsible_for(*one).name for one in (("IE", "post"), ("DE", "post"), ("IE", "express"))
    ]

    assert found == ["Post Office of Customs", "Airport Office", "Airport Office"]
    assert offices.responsible_for("IE", "post").hours == "Monday to Friday"


def test_a_file_with_a_word_that_no_office_has_is_refused_at_the_start(tmp_path: Path) -> None:
    file = tmp_path / "offices.yaml"
    file.write_text("- name: Only a name\n", encoding="utf-8")

    with pytest.raises(SeraiError, match="list of customs offices"):
        read_offices(str(file), "Testland Customs")
    with pytest.raises(SeraiError, match="cannot be read"):
        read_offices(str(tmp_path / "absent.yaml"), "Testland Customs")


@pytest.mark.in_turn
def test_the_office_stands_on_the_case_its_decision_and_its_page(world: World) -> None:
    numbers = {"ucr": "UCR-office", "house_document": "HOUSE-office", "order_references": ["O-office"]}
    with world.client("post") as client:
        case_id = client.post("/v1/declarations", json=parcel("OFFICE-1", **numbers)).json()["case_id"]
        case = client.get(f"/v1/cases/{case_id}").json()
        decision = client.get(f"/v1/cases/{case_id}/decision").json()
        page = client.get(f"/parcels/{case_id}", headers={"accept": "text/html"}).text

    assert case["office"] == decision["office"] == {"name": "Testland Customs"}
    assert "Testland Customs" in page[page.index('id="office"') :]
