"""Pictures of the goods: added by whoever declared them, written anew, opened by officers alone."""

import base64
import io
import re
from itertools import count

import httpx2
import pytest
from PIL import Image

from serai.foundation.id_text import format_id, parse_id
from tests.journey.cases.world import World, rows
from tests.web.test_declaration_page import send

HTML = {"accept": "text/html"}
PLACE = b"Secret Street"


def picture(*, width_px: int = 60) -> bytes:
    """A JPEG that says where it was taken."""
    image = Image.new("RGB", (width_px, 40), "red")
    said = Image.Exif()
    said[0x010E] = PLACE.decode()
    out = io.BytesIO()
    image.save(out, "JPEG", exif=said)
    return out.getvalue()


NUMBERS = count(55_554_444)


def next_number() -> str:
    """A number of a postal item (UPU S10) that no other parcel has."""
    serial = f"{next(NUMBERS):08d}"
    rest = (
        11 - sum(int(one) * weight for one, weight in zip(serial, (8, 6, 4, 2, 3, 5, 9, 7), strict=True)) % 11
    )
    return f"RR{serial}{ {10: 0, 11: 5}.get(rest, rest) }CN"


@pytest.fixture
def case(world: World) -> tuple[str, str]:
    """A parcel that `rival` declared: numbers of its case and consignment."""
    number = next_number()
    with world.client("") as visitor:
        send(visitor, world.keys["rival"], reference=f"web-{number}", number=number)
    ((case_id, consignment),) = rows(
        world.dsn,
        "SELECT case_id, consignment_id FROM consignment WHERE reference = %s",
        f"web-{number}",
    )
    return format_id(case_id), format_id(consignment)


def give(client: httpx2.Client, case_id: str, reference: str, content: bytes) -> httpx2.Response:
    body = {"reference": reference, "content": base64.b64encode(content).decode()}
    return client.post(f"/v1/cases/{case_id}/pictures", json=body)


def acts(world: World) -> int:
    ((count,),) = rows(world.dsn, "SELECT count(*) FROM act WHERE kind = 'goods-pictured'")
    return int(count)


@pytest.mark.in_turn
def test_an_officer_opens_what_was_sent_without_the_place_where_it_was_taken(
    world: World, case: tuple[str, str]
) -> None:
    case_id, _ = case
    sent = picture()
    with world.client("rival") as own:
        given = give(own, case_id, "P-1", sent)
        again = give(own, case_id, "P-1", sent)
        page = own.get(f"/parcels/{case_id}", headers=HTML).text
    with world.client("officer") as officer:
        shown = officer.get(f"/parcels/{case_id}", headers=HTML).text
        link = re.search(rf'href="(/v1/cases/{case_id}/proofs/[^"]+)"', shown)
        assert link is not None
        read = officer.get(link[1])

    assert (given.status_code, again.json()) == (201, given.json())
    assert PLACE in sent
    assert PLACE not in read.content
    assert Image.open(io.BytesIO(read.content)).size == (60, 40)
    assert read.headers["content-disposition"].startswith("attachment")
    assert "Pictures of the goods" in page
    assert link[1] not in page
    assert "Add the picture" in page
    assert "Add the picture" not in shown


@pytest.mark.in_turn
def test_nobody_else_adds_or_opens_one_and_what_is_no_picture_is_refused(
    world: World, case: tuple[str, str]
) -> None:
    case_id, _ = case
    before = acts(world)
    with world.client("rival") as own, world.client("seller") as other, world.client("") as stranger:
        given = give(own, case_id, "P-2", picture())
        path = f"/v1/cases/{case_id}/proofs/{given.json()['act_id']}"
        refused = [own.get(path).status_code, other.get(path).status_code, stranger.get(path).status_code]
        not_own = give(other, case_id, "P-3", picture())
        script = give(own, case_id, "P-4", b"<script>alert(1)</script>")
        hidden = give(own, case_id, "P-5", picture(width_px=61) + b"PK\x03\x04 an archive behind it")
        huge = give(own, case_id, "P-6", b"\xff\xd8\xff" + b"\x00" * 12 * 2**20)
        no_text = own.post(f"/v1/cases/{case_id}/pictures", json={"reference": "P-7", "content": "!"})

    assert set(refused) <= {401, 403, 404}
    assert not_own.status_code == 404
    assert (script.status_code, huge.status_code, no_text.status_code) == (415, 413, 415)
    assert hidden.status_code == 201
    assert acts(world) == before + 2


def test_a_picture_is_added_on_the_page_and_there_are_five_at_most(
    world: World, case: tuple[str, str]
) -> None:
    case_id, consignment = case
    data = {"reference": "PAGE-1", "consignment": consignment}
    path = f"/parcels/{case_id}/pictures"
    with world.client("rival") as own:
        files = {"file": ("../../goods.svg", picture(), "image/svg+xml")}
        added = own.post(path, data=data, files=files, headers=HTML)
        twice = own.post(path, data=data, files=files, headers=HTML)
        none = own.post(path, data=data, headers=HTML)
        full = [give(own, case_id, f"MORE-{number}", picture()).status_code for number in range(6)]
        page = own.get(f"/parcels/{case_id}", headers=HTML).text

    assert added.status_code == twice.status_code == 303
    assert added.headers["location"] == f"/parcels/{case_id}#pictures"
    assert none.status_code in (400, 422)
    assert full[-1] == 409
    pictured = "SELECT count(*) FROM act WHERE kind = 'goods-pictured' AND case_id = %s"
    assert rows(world.dsn, pictured, parse_id(case_id)) == [(5,)]
    assert "Add the picture" not in page
