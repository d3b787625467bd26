"""A post in a small country sends three items to Germany; one is vague, one has its tax paid at sale, one is a
gift. Each is answered by itself; the vague one is corrected, all arrive, and are released."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from serai.formats.upu.message import ItemAnswer
from serai.formats.upu.read import decode_answers
from tests.journey.follow.world import World, running_world

_XML = {"content-type": "application/xml"}
_ITMATT = (Path(__file__).parents[2] / "examples" / "standards" / "itmatt.xml").read_bytes()
_SALE, _TO_BE_VAGUE, _GIFT = "RR100000017CV", "RR100000025CV", "RR100000034CV"


@pytest.fixture(scope="module")
def world(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_world(database, tmp_path_factory.mktemp("node")) as running:
        yield running


def test_x(world: World) -> None:
    with world.client("post") as client:
        vague = _ITMATT.replace(b"Woven basket of palm leaf", b"gift")
        r = client.post("/v1/messages/itmatt", content=vague, headers=_XML)
        print(r.status_code, r.text)
        for a in decode_answers(r.content)[0]: print(a)
        r = client.post("/v1/messages/itmatt", content=vague, headers=_XML|{"accept":"application/json"})
        print(r.text)
        print(client.get("/v1/messages/cusitm/answers").text)
        assert 0
