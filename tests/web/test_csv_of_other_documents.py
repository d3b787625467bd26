"""Orders, payments and transport documents as CSV over HTTP: the same answers as NDJSON has."""

import json

import pytest

from serai.foundation.disk_room import SpoolRoom
from tests.journey.cases.world import World

ORDERS = (
    "reference;currency_code;purchased_at;description;quantity;amount\n"
    "CSV-O-1;EUR;2026-06-19T10:00:00Z;Shirt;1;10.00\n"
    ";;;Cap;2;8.00\n"
    "CSV-O-2;EUR;yesterday;Shirt;1;10.00\n"
)
PAYMENTS = (
    "reference,amount,currency_code,paid_at,order_references\n"
    "CSV-P-1,18.00,EUR,2026-06-19T10:00:00Z,CSV-O-1\n"
    "CSV-P-2,,EUR,2026-06-19T10:00:00Z,CSV-O-1\n"
)
WAYBILLS = "reference,house_document,logistics_channel_code\nCSV-T-1,CSV-H-1,post\nCSV-T-2,,post\n"


@pytest.mark.parametrize(
    ("party", "route", "content", "fault_at"),
    [
        ("platform", "/v1/orders", ORDERS, "row 4, column purchased_at"),
        ("payer", "/v1/payments", PAYMENTS, "row 3, column amount"),
        ("post", "/v1/transport-documents", WAYBILLS, "row 3, column house_document"),
    ],
)
def test_each_row_or_group_of_rows_is_answered(
    world: World, party: str, route: str, content: str, fault_at: str
) -> None:
    with world.client(party) as client:
        answer = client.post(route, content=content, headers={"content-type": "text/csv"})
        again = client.post(route, content=content, headers={"content-type": "text/csv"})

    assert answer.status_code == 200, answer.text
    taken, refused, trailer = map(json.loads, answer.text.splitlines())
    assert taken["status"] == "recorded"
    assert refused["status"] == "rejected"
    assert fault_at in {one["pointer"] for one in refused["findings"]}
    assert trailer["complete"]
    assert json.loads(again.text.splitlines()[0])["status"] == "repeated"


@pytest.mark.in_turn
def test_files_count_for_the_party_that_sends_them(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    holders: list[str] = []
    hold = SpoolRoom.hold

    def note(room: SpoolRoom, holder: str, size_bytes: int) -> None:
        holders.append(holder)
        hold(room, holder, size_bytes)

    monkeypatch.setattr(SpoolRoom, "hold", note)
    for party in ("platform", "platform", "post"):
        route, content = (
            ("/v1/orders", ORDERS) if party == "platform" else ("/v1/transport-documents", WAYBILLS)
        )
        with world.client(party) as client:
            client.post(
                route, content=content.replace("CSV-", "SPOOL-"), headers={"content-type": "text/csv"}
            )

    assert holders == ["party:12", "party:12", "party:10"]
