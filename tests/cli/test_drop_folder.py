"""The drop folder against a running server: whole files only, answers beside, refusals with a proposal."""

import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from serai.cli.drop_folder import drop_folder
from serai.cli.dropping.archives import unpack
from serai.cli.dropping.forms import FOLDERS, detect_form
from serai.cli.dropping.places import Places, write_whole
from serai.cli.dropping.worker import DropWorker
from serai.client.sync_client import Serai
from serai.model.errors import SeraiError
from serai.portal.upload.given_back import write_corrected
from tests.client.test_client import Flaky
from tests.journey.cases.world import World, parcel, rows, running_world
from tests.laboratory.test_upload import read, render, row, sheet_of, table

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def world(world_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("node")
    with running_world(world_database, folder) as running:
        yield running


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "drop", inner=FOLDERS)


@pytest.fixture
def worker(world: World, places: Places) -> Iterator[DropWorker]:
    with Serai(world.address, world.keys["rival"]) as serai:
        yield DropWorker(places, serai, remark, quiet_s=3)


def remark(content: bytes) -> bytes:
    return write_corrected(read(content), render)


def run(worker: DropWorker) -> int:
    """Look twice, with enough time between that what is there counts as whole."""
    return worker.look(0) + worker.look(4)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def answers(places: Places, begin: str) -> list[dict[str, Any]]:
    (path,) = places.out.glob(f"{begin}*.answers.ndjson")
    return [json.loads(line) for line in path.read_text().splitlines()]


def ndjson(*documents: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in documents)


def test_a_file_is_filed_once_it_is_whole_and_its_answers_stand_beside_it(
    worker: DropWorker, places: Places
) -> None:
    path = places.incoming / "day.ndjson"
    path.write_bytes(ndjson(parcel("D-1"))[:100])
    first = worker.look(0)
    path.write_bytes(ndjson(parcel("D-1"), parcel("D-2")))
    grown = worker.look(4)
    soon = worker.look(6)
    done = worker.look(7.1)

    assert (first, grown, soon, done) == (0, 0, 0, 1)
    assert [(one["number"], one["reference"], one["status"]) for one in answers(places, "day.")] == [
        (1, "D-1", "decided"),
        (2, "D-2", "decided"),
    ]
    assert names(places.incoming) == sorted(FOLDERS)
    assert names(places.work) == []
    assert len(names(places.out)) == 2


def test_a_done_mark_says_at_once_that_a_file_is_whole_and_unfinished_names_are_left(
    worker: DropWorker, places: Places
) -> None:
    (places.incoming / "one.json").write_text(json.dumps(parcel("D-done")))
    (places.incoming / "one.json.done").touch()
    (places.incoming / "two.json.part").write_text(json.dumps(parcel("D-part")))
    (places.incoming / ".hidden.json").write_text(json.dumps(parcel("D-hidden")))

    assert worker.look(0) == 1
    assert worker.look(100) == 0
    assert "one.json.done" not in names(places.incoming)
    assert "two.json.part" in names(places.incoming)


def test_a_faulty_table_is_refused_with_a_proposal_and_its_sound_part_is_taken(
    worker: DropWorker, places: Places
) -> None:
    content = sheet_of(row("D-c1"), row("D-c2", invoice_amount="25,00"))
    (places.incoming / "shop.csv").write_bytes(content)

    run(worker)

    assert [one["status"] for one in answers(places, "shop.")] == ["decided", "rejected"]
    corrected, original = sorted(places.refused.iterdir(), key=lambda path: "corrected" not in path.name)
    assert original.read_bytes() == content
    assert table(corrected.read_bytes())[1]["invoice_amount"] == "25.00"
    # The proposal is put in as it is, and all of it counts.
    (places.incoming / "shop.csv").write_bytes(corrected.read_bytes())
    run(worker)
    later = [path for path in places.out.glob("shop.*.answers.ndjson") if b"repeated" in path.read_bytes()]
    assert [json.loads(line)["status"] for line in later[0].read_text().splitlines()] == [
        "repeated",
        "decided",
    ]


def test_folders_and_roots_tell_what_a_file_is(worker: DropWorker, places: Places) -> None:
    (places.incoming / "dec.xml").write_bytes(
        (EXAMPLES / "messages" / "declaration-wco-dec.xml").read_bytes()
    )
    (places.incoming / "orders" / "o.json").write_bytes((EXAMPLES / "messages" / "order.json").read_bytes())
    (places.incoming / "cusitm" / "c.xml").write_bytes((EXAMPLES / "standards" / "cusitm.xml").read_bytes())
    (places.incoming / "arrivals" / "o.csv").write_text("reference\n1\n")
    (places.incoming / "c.edi").write_bytes((EXAMPLES / "standards" / "cuscar.edi").read_bytes())
    (places.incoming / "strange").mkdir()
    (places.incoming / "strange" / "s.json").write_text("{}")

    assert run(worker) == 6

    assert answers(places, "dec.")[0]["status"] == "decided"
    (answer,) = places.out.glob("c.*.xml.answer")
    (control,) = places.out.glob("c.*.edi.answer")
    assert b"CONTRL" in control.read_bytes()
    assert b"<Response>" in answer.read_bytes()
    problems = {
        path.name[:2]: json.loads(path.read_text())["code"] for path in places.refused.glob("*.problem.json")
    }
    assert problems["s."] == "dropped-file-unfit"
    assert problems["o."] == "dropped-file-unfit"


def test_an_archive_is_filed_file_by_file(worker: DropWorker, places: Places) -> None:
    with zipfile.ZipFile(places.incoming / "all.zip", "w") as archive:
        archive.writestr("../../etc/a.ndjson", ndjson(parcel("D-z1")))
        archive.writestr("b.csv", sheet_of(row("D-z2", quantity="two")))

    run(worker)

    told = {
        json.loads(line).get("reference", ""): json.loads(line)["status"]
        for path in places.out.glob("all.*.answers.ndjson")
        for line in path.read_text().splitlines()
    }
    assert told["D-z1"] == "decided"
    assert "rejected" in told.values()
    assert [name for name in names(places.refused) if name.endswith("corrected.csv")]
    assert not list(places.root.rglob("etc"))
    assert names(places.work) == []


def test_a_strange_file_does_not_keep_those_behind_it_from_being_filed(
    worker: DropWorker, places: Places
) -> None:
    damaged = places.incoming / "a-damaged.zip"
    with zipfile.ZipFile(damaged, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.ndjson", ndjson(parcel("D-lzma")) * 50)
    content = bytearray(damaged.read_bytes())
    content[60:120] = os.urandom(60)
    damaged.write_bytes(content)
    for length in (241, 250, 255):
        long = "\u00e9" * 50 + "x" * (length - 107) + ".ndjson"
        assert len(long.encode()) == length
        (places.incoming / long).write_bytes(ndjson(parcel(f"D-long-{length}")))
    (places.incoming / "z-sound.ndjson").write_bytes(ndjson(parcel("D-behind")))

    run(worker)

    filed = {
        json.loads(line).get("reference", "")
        for path in places.out.glob("*.answers.ndjson")
        for line in path.read_text().splitlines()
    }
    assert {"D-long-241", "D-long-250", "D-long-255", "D-behind"} <= filed
    assert [name for name in names(places.refused) if name.startswith("a-damaged")]
    assert names(places.incoming) == [*FOLDERS] or not [
        one for one in places.incoming.iterdir() if one.is_file()
    ]


@pytest.mark.parametrize("kind", ["bomb", "many", "nested", "damaged", "encrypted"])
def test_an_archive_beyond_the_bounds_is_not_opened(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.zip"
    monkeypatch.setattr("serai.cli.dropping.archives.MEMBER_BYTES_MAX", 1_000_000)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        if kind == "bomb":
            archive.writestr("a.csv", b"0" * 2_000_000)
        elif kind == "many":
            for number in range(1_001):
                archive.writestr(f"{number}.csv", b"")
        elif kind == "nested":
            archive.writestr("a.csv", b"PK\x03\x04 and more")
        else:
            archive.writestr("a.csv", b"reference\n" * 100)
    content = bytearray(path.read_bytes())
    if kind == "damaged":
        content[45] ^= 0xFF
    if kind == "encrypted":
        content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    folder = tmp_path / "unpacked"
    folder.mkdir()

    with pytest.raises(SeraiError) as caught:
        list(unpack(path, folder))

    assert caught.value.code == "archive-unfit"
    assert sum(one.stat().st_size for one in folder.iterdir()) <= 1_000_000


def test_after_a_crash_what_was_under_way_is_done_again_without_harm(
    world: World, places: Places, worker: DropWorker
) -> None:
    (places.incoming / "crash.ndjson").write_bytes(ndjson(parcel("D-crash")))
    taken = places.take(places.incoming / "crash.ndjson")
    with Serai(world.address, world.keys["rival"]) as serai:
        list(serai.submit_many([parcel("D-crash")]))  # the worker had filed it, and ended before it wrote

    assert taken.exists()
    assert worker.look(0) == 1
    assert [one["status"] for one in answers(places, "crash.")] == ["repeated"]
    assert rows(world.dsn, "SELECT count(*) FROM submission WHERE reference = 'D-crash'") == [(1,)]


def test_while_the_server_is_away_files_wait_and_with_a_wrong_key_the_worker_ends(
    world: World, places: Places
) -> None:
    (places.incoming / "wait.json").write_text(json.dumps(parcel("D-wait")))
    away = Flaky(*["unreached"] * 2)
    with Serai(
        world.address, world.keys["rival"], tries_count=2, transport=away, pause=lambda _: None
    ) as serai:
        worker = DropWorker(places, serai, remark, quiet_s=3)
        waited = run(worker)
        later = worker.look(8)
    (places.incoming / "key.json").write_text(json.dumps(parcel("D-key")))
    with Serai(world.address, "serai_1_" + "x" * 43) as serai:
        worker = DropWorker(places, serai, remark, quiet_s=3)
        worker.look(0)
        with pytest.raises(SeraiError, match="key-unknown"):
            worker.look(4)

    assert (waited, later) == (0, 1)
    assert names(places.work) == ["@key.json"]


def test_links_are_not_followed_and_two_workers_do_not_share_a_folder(places: Places, tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text("{}")
    (places.incoming / "link.json").symlink_to(secret)
    os.mkfifo(places.incoming / "pipe.json")

    assert places.waiting() == []
    with (
        places.held(),
        pytest.raises(SeraiError, match="drop-folder-in-use"),
        Places(places.root, inner=()).held(),
    ):
        pass


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    def parts() -> Iterator[bytes]:
        yield b"half"
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        write_whole(tmp_path / "answers", parts())

    assert not (tmp_path / "answers").exists()


@pytest.mark.parametrize(
    ("path", "head", "told"),
    [
        ("a", b'{"reference": 1}\n{"reference": 2}\n', ("ndjson", "declaration", None)),
        ("a", b'\xef\xbb\xbf{\n "reference": 1}', ("json", "declaration", None)),
        ("a.txt", b"reference;quantity\n", ("csv", "declaration", None)),
        ("a.csv", b"PK\x03\x04", ("zip", "declaration", None)),
        ("a.txt", b"<?xml version='1.0'?><ceb:CEB311Message xmlns:ceb=''>", ("xml", None, "ceb")),
        ("a.xml", b"<ie:CC315A xmlns:ie=''>", ("xml", None, "ics")),
        ("a.xml", b"<itm:ITMATT>", ("xml", None, "itmatt")),
        ("a.xml", b"<Declaration>", ("xml", "declaration", None)),
        ("a.csv", (EXAMPLES / "standards" / "cuscar.edi").read_bytes(), ("edifact", None, "cuscar")),
        ("a", (EXAMPLES / "standards" / "cardit.edi").read_bytes(), ("edifact", None, "cardit")),
        ("cds/a.xml", b"<MetaData>", ("xml", None, "cds")),
        ("payments/a.json", b"{}", ("json", "payment", None)),
    ],
)
def test_what_a_file_is(path: str, head: bytes, told: tuple[str, str | None, str | None]) -> None:
    folder, _, name = path.rpartition("/")

    what = detect_form(folder, name, head)

    assert what is not None
    assert (what.form, what.kind, what.standard) == told


def test_the_command_does_what_is_there_and_says_what_was_refused(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key_file = tmp_path / "key"
    key_file.write_text(world.keys["rival"] + "\n")
    folder = tmp_path / "drop"
    (folder / "in").mkdir(parents=True)
    (folder / "in" / "shop.csv").write_bytes(sheet_of(row("D-o1", invoice_amount="25,00")))

    code = drop_folder(
        folder, server=world.address, key_file=key_file, quiet_s=0.05, once=True, output="json"
    )

    told = json.loads(capsys.readouterr().out)
    assert code == 1
    assert told["done"] == 1
    assert [name.partition(".")[0] for name in told["refused"]] == ["shop", "shop"]
    (corrected,) = (folder / "refused").glob("*.corrected.csv")
    assert table(corrected.read_bytes())[0]["serai_corrected"] == "invoice_amount: 25.00"
