"""The learned model over HTTP: only what this node has signed comes into force, scores, selects."""

import asyncio
from datetime import UTC, datetime

import msgspec
import numpy as np
import pytest

from serai.evidence.notes import name_key
from serai.foundation.database import Database
from serai.foundation.keys import KeyFolder
from serai.journey.assessment.store import make_component
from serai.journey.law_in_force.risk_model import MODEL_NAME, RISK_MODEL
from serai.journey.law_in_force.service import derive_law
from serai.journey.pipeline import check_documents
from serai.journey.risk_model.declared import declared_rows
from serai.journey.risk_model.model_file import write_model
from serai.journey.risk_model.plans.examined import Examined
from serai.journey.risk_model.signed import sign_model
from serai.journey.risk_model.training import Settings, train
from serai.law.library import load_book
from serai.model.columns import encode_words
from serai.model.documents import Consignment
from tests.journey.cases.world import AT, World, parcel, wait_for_law
from tests.law.packs import shipped_files

AT_MS = int(datetime(2026, 9, 1, tzinfo=UTC).timestamp() * 1000)
OCTETS = {"content-type": "application/octet-stream"}


def goods(number: int, *, is_cheap: bool) -> dict[str, object]:
    price = "3.00" if is_cheap else f"{60 + number % 40}.00"
    one = parcel(f"RM-{number}", ucr=f"UCR-RM-{number}", house_document=f"HOUSE-RM-{number}")
    item = {**one["goods_items"][0], "invoice_amount": price}
    return {**one, "goods_items": [item]}


def model_of_cheap_goods() -> bytes:
    """Return a file whose model holds goods of a low price per kilogram for risky."""
    documents = [
        msgspec.convert(goods(number, is_cheap=number % 4 == 0), Consignment) for number in range(400)
    ]
    checked = check_documents(documents, ["D"] * 400, AT_MS, load_book(shipped_files()))
    assert len(checked.accepted_rows) == 400
    none = encode_words([None] * 400)
    rows = declared_rows(checked.columns.consignments, checked.columns.items, none, none)
    found = (np.arange(400) % 4 == 0).astype(np.float64)
    found[::40] = 1.0 - found[::40]
    group = np.arange(1, 401, dtype=np.uint64)
    examined = Examined(rows, found, group, np.full(400, 20_700, dtype=np.int64))
    trained = train(examined, Settings(rounds=60, learning_rate=0.1, min_data_in_leaf=20, lambda_l2=1.0))
    return write_model(trained.model, trained.cross_validated, rows)


@pytest.mark.in_turn
def test_a_model_is_refused_unsigned_put_in_force_signed_and_selects(world: World) -> None:
    file = model_of_cheap_goods()
    key = KeyFolder(world.folder / "keys").signing_key([])
    signed = sign_model(file, key, name_key("test", key))
    with world.client("officer") as officer:
        path = "/v1/lists/risk-model?name=september"
        unsigned = officer.post(path, content=file, headers=OCTETS)
        broken = officer.post(path, content=signed[:-9] + b"x" * 9, headers=OCTETS)
        assert (unsigned.status_code, unsigned.json()["code"]) == (422, "risk-model-unsigned")
        assert (broken.status_code, broken.json()["code"]) == (422, "risk-model-unreadable")
        assert unsigned.json()["next_step"]

        budget = {"inspections_per_day_count": 50, "flow_share_ppm": 1_000_000}
        assert officer.put("/v1/risk/budget", json=budget).status_code == 200
        imported = officer.post(path, content=signed, headers=OCTETS)
        assert imported.status_code == 201, imported.text
        assert officer.post(path, content=signed, headers=OCTETS).json()["is_changed"] is False
        wait_for_law(world, imported.json()["generation"])

        with world.client("post") as client:
            cheap = client.post("/v1/declarations", json=goods(9_001, is_cheap=True)).json()
            usual = client.post("/v1/declarations", json=goods(9_002, is_cheap=False)).json()
        (why,) = officer.get(f"/v1/risk/cases/{cheap['case_id']}").json()["selections"]
        assert why["source"] in ("model", "random")
        assert why["score_ppm"] > 500_000
        cheapness = "The price per kilogram is far below that of this heading."
        assert cheapness in why["score_reasons"], why
        french = {"accept-language": "fr", "accept": "text/html"}
        shown = officer.get(f"/risk/cases/{cheap['case_id']}", headers=french).text
        assert "Ce qui parle pour le score" in shown
        assert cheapness not in shown
        others = officer.get(f"/v1/risk/cases/{usual['case_id']}").json()["selections"]
        assert all(one["source"] == "random" for one in others)
        explained = officer.get(f"/v1/cases/{cheap['case_id']}/explanation").json()
        assert explained["agrees"], explained["differences"]

    with world.client("post") as client:
        seen = client.get(f"/v1/cases/{cheap['case_id']}/decision").text
        assert client.get(f"/v1/risk/cases/{cheap['case_id']}").status_code == 403
        assert cheapness not in seen
        assert "score" not in seen
        assert "model" not in seen
        refused = client.post(path, content=signed, headers=OCTETS)
        assert refused.status_code in (403, 404)


@pytest.mark.in_turn
def test_a_model_that_cannot_be_used_is_told_and_parcels_are_decided_without_it(world: World) -> None:
    """As where an older process follows a generation whose model a newer one has put in force."""
    with world.client("") as client:
        assert "risk-model-unusable" not in client.get("/readyz").text
    generation_id = asyncio.run(_put_in_force(world.dsn, b"a model of another version"))
    wait_for_law(world, generation_id)

    with world.client("") as client, world.client("post") as post, world.client("officer") as officer:
        told = client.get("/readyz").json()
        decided = post.post("/v1/declarations", json=goods(9_100, is_cheap=True))
        metrics = officer.get("/metrics").text

    assert told["is_ready"]
    (alarm,) = (one for one in told["alarms"] if one["code"] == "risk-model-unusable")
    assert "risk-model-unreadable" in alarm["message"]
    assert alarm["next_step"]
    assert decided.status_code == 201, decided.text
    assert "serai_risk_model_usable 0.0" in metrics


async def _put_in_force(dsn: str, content: bytes) -> int:
    one = make_component(RISK_MODEL, MODEL_NAME, content)
    async with Database(dsn, pool_size_count=1, statement_timeout_ms=60_000) as database:
        changed = await derive_law(
            database, 1, AT, "a model", lambda old: [*(c for c in old if c.kind != RISK_MODEL), one]
        )
        return changed[0]
