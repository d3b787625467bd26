"""The learned model over HTTP: only what this node has signed comes into force, scores, selects."""

from datetime import UTC, datetime

import msgspec
import numpy as np

from serai.evidence.notes import name_key
from serai.foundation.keys import KeyFolder
from serai.journey.pipeline import check_documents
from serai.journey.risk_model.declared import declared_rows
from serai.journey.risk_model.model_file import write_model
from serai.journey.risk_model.plans.examined import Examined
from serai.journey.risk_model.signed import sign_model
from serai.journey.risk_model.training import Settings, train
from serai.law.library import load_book
from serai.model.columns import encode_words
from serai.model.documents import Consignment
from tests.journey.cases.world import World, parcel, wait_for_law
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
        others = officer.get(f"/v1/risk/cases/{usual['case_id']}").json()["selections"]
        assert all(one["source"] == "random" for one in others)
        explained = officer.get(f"/v1/cases/{cheap['case_id']}/explanation").json()
        assert explained["agrees"], explained["differences"]

    with world.client("post") as client:
        seen = client.get(f"/v1/cases/{cheap['case_id']}/decision").text
        assert "score" not in seen
        assert "model" not in seen
        refused = client.post(path, content=signed, headers=OCTETS)
        assert refused.status_code in (403, 404)
