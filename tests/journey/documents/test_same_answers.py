"""One history, one list of answers: declarations and other documents are versioned alike, over HTTP."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from tests.journey.cases.world import World, running_world
from tests.journey.processing import support


class Kind(NamedTuple):
    """How a kind of document is sent, changed and taken back. field: one that an amendment changes."""

    party: str
    path: str
    take_back: str
    record: dict[str, Any]
    field: str
    values: tuple[str, str]


KINDS = {
    "declaration": Kind(
        "post",
        "/v1/declarations",
        "invalidation",
        support.parcel("h", platform_id="INVENTED-MARKET"),
        "logistics_channel_code",
        ("express", "cargo"),
    ),
    "order": Kind(
        "platform", "/v1/orders", "withdrawal", support.order("h"), "discount_amount", ("4.00", "3.00")
    ),
    "payment": Kind(
        "payer", "/v1/payments", "withdrawal", support.payment("h"), "amount", ("24.00", "23.00")
    ),
    "transport-document": Kind(
        "post",
        "/v1/transport-documents",
        "withdrawal",
        support.transport("h"),
        "receptacle_id",
        ("BAG-2", "BAG-3"),
    ),
}

HISTORIES: dict[str, list[tuple[str, int, str, int | None]]] = {
    "amended": [
        ("first", 201, "taken", 1),
        ("first", 200, "repeated", 1),
        ("other", 409, "reference-reused", 1),
        ("amend 1", 200, "taken", 2),
        ("amend 1", 200, "repeated", 2),
        ("first", 409, "reference-reused", 2),
        ("amend 1 otherwise", 409, "version-not-current", 2),
        ("amend 2 otherwise", 200, "taken", 3),
    ],
    "taken-back": [
        ("first", 201, "taken", 1),
        ("take back 2", 409, "version-not-current", 1),
        ("take back 1", 200, "taken", 1),
        ("take back 1", 200, "repeated", 1),
        ("take back 2", 200, "repeated", 1),
        ("first", 200, "repeated, withdrawn-before", 1),
        ("other", 409, "withdrawn", 1),
        ("amend 1", 409, "withdrawn", 1),
        ("amend 7", 409, "withdrawn", 1),
    ],
    "unknown": [
        ("amend 1", 409, "amends-nothing", None),
        ("take back 1", 404, "not-found", None),
        ("first", 201, "taken", 1),
    ],
}


@pytest.fixture(scope="module")
def world(world_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_world(world_database, tmp_path_factory.mktemp("serai")) as running:
        yield running


@pytest.mark.parametrize("history", HISTORIES)
@pytest.mark.parametrize("name", KINDS)
def test_one_history_has_the_same_answers_for_every_kind(world: World, name: str, history: str) -> None:
    kind = KINDS[name]
    reference = f"{name}-{history}"
    answers = []

    with world.client(kind.party) as client:
        for step, *_ in HISTORIES[history]:
            answers.append((step, *do(client, kind, reference, step)))

    assert answers == HISTORIES[history]


@pytest.mark.in_turn
def test_after_release_every_kind_changes_by_request_only(world: World) -> None:
    for kind in KINDS.values():
        with world.client(kind.party) as client:
            assert do(client, kind, own_name(kind), "first")[:2] == (201, "taken")
    release(world)

    answers = {}
    steps = ("first", "amend 7", "amend 1", "take back 7", "take back 1")
    for name, kind in KINDS.items():
        with world.client(kind.party) as client:
            answers[name] = [do(client, kind, own_name(kind), step)[:2] for step in steps]

    same = [
        (200, "repeated"),
        (409, "version-not-current"),
        (409, "amendment-too-late"),
        (409, "version-not-current"),
        (409, "amendment-too-late"),
    ]
    assert answers == dict.fromkeys(KINDS, same)


def own_name(kind: Kind) -> str:
    """The reference under which the others of one parcel name it."""
    return "ORDER-free" if kind.path == "/v1/orders" else "free"


def release(world: World) -> None:
    """Pay what is due of the parcel and let it arrive."""
    record = record_of(KINDS["declaration"], "free", "first")
    with world.client("post") as client:
        declared = client.post("/v1/declarations", json=record).json()
        mark = {"reference": "MARK-free", "kind": "paid", "currency_code": "EUR", "amount": "500.00"}
        client.post(f"/v1/cases/{declared['case_id']}/payment-records", json=mark)
        client.post("/v1/arrivals", json=support.arrival("free", conveyance_reference="FLIGHT-h-free"))
        again = client.post("/v1/declarations", json=record).json()
    assert again["decision"]["status"] == "released"


def do(client: Any, kind: Kind, reference: str, step: str) -> tuple[int, str, int | None]:
    """Do one step; returns HTTP status, what became of it, and the version told."""
    if step.startswith("take back"):
        path = f"{kind.path}/{reference}/{kind.take_back}"
        answer = client.post(path, json={"expected_version": int(step[-1]), "reason": "a slip"})
    else:
        answer = client.post(kind.path, json=record_of(kind, reference, step))
    said = answer.json()
    became = said.get("code") or said["status"]
    # A declaration is decided, another document recorded; of a declaration taken back the decision is stored.
    taken = "taken" if became in ("decided", "recorded") else became
    codes = [one["code"] for one in said.get("findings", []) if one["code"] == "withdrawn-before"]
    return answer.status_code, ", ".join([taken, *codes]), said.get("version")


def record_of(kind: Kind, reference: str, step: str) -> dict[str, Any]:
    """The document of a step, with numbers that no other history has."""
    own = reference.removeprefix("ORDER-")
    numbers = {
        name: f"{value}-{own}"
        for name in ("ucr", "house_document", "conveyance_reference")
        if isinstance(value := kind.record.get(name), str)
    }
    record = {**kind.record, **numbers, "reference": reference}
    if "order_references" in record:
        record["order_references"] = [f"ORDER-{own}"]
    if step == "first":
        return record
    if step == "other":
        return record | {kind.field: kind.values[0]}
    changes: dict[str, Any] = {"amends_version": int(step.split()[1])}
    if kind.path == "/v1/declarations":
        changes["amendment_reason"] = "a slip"
    return record | {kind.field: kind.values[step.endswith("otherwise")]} | changes
