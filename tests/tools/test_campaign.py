"""A small campaign against every reader; the large one's figures stand in docs/reference/campaigns.md."""

import gc
import sys
import time
from contextlib import nullcontext, suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.model.errors import SeraiError
from tools.campaign.__main__ import main
from tools.campaign.endpoints import try_endpoints
from tools.campaign.growing_bodies import bodies_of
from tools.campaign.growth import measure_growth
from tools.campaign.one_number import RATIO_MAX, Send, Way, ratio_of
from tools.campaign.readers import Reader, readers
from tools.campaign.trial import Fault, make_input, try_reader

READERS = list(readers().values())


@pytest.fixture(scope="module", autouse=True)
def nothing_of_others_to_collect() -> None:
    """A campaign has what a reader left collected again and again, not what other tests have left."""
    gc.collect()
    gc.freeze()


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_no_spoilt_input_makes_a_reader_fail(reader: Reader) -> None:
    outcome = try_reader(reader, 12, seed=7)

    assert outcome.faults == []
    assert outcome.taken_count + outcome.refused_count == outcome.inputs_count == 12


@pytest.mark.in_turn
@settings(max_examples=150)
@given(st.binary(max_size=400), st.sampled_from(READERS))
def test_any_bytes_are_answered(content: bytes, reader: Reader) -> None:
    with suppress(SeraiError) if reader.is_raising else nullcontext():
        assert reader.read(content) in {True, False}


@pytest.mark.slow
@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_thousands_of_spoilt_inputs_make_no_reader_fail_or_grow(reader: Reader) -> None:
    assert try_reader(reader, 2_000, seed=11).faults == []


def test_a_campaign_notices_a_reader_that_raises_and_can_make_its_input_again() -> None:
    sound = next(one for one in READERS if one.name == "csv")

    def read(content: bytes) -> bool:
        if content.startswith(b"reference"):
            raise KeyError("reference")
        return False

    broken = sound._replace(read=read)
    outcome = try_reader(broken, 40, seed=1)

    assert outcome.faults_count > 0
    fault: Fault = outcome.faults[0]
    assert fault.what.startswith("KeyError")
    assert make_input(broken, fault.number, 1).startswith(b"reference")


@pytest.mark.in_turn
def test_a_campaign_notices_work_that_grows_with_the_square_of_what_is_sent() -> None:
    def work(_send: Send, _name: str, count: int) -> None:
        sum(range(1_000 * count * count))

    way = Way("slow", lambda _send, _name: None, work)

    ratio = ratio_of(way, lambda *_: b"", time.process_time, "SLOW", 40)

    assert ratio > RATIO_MAX


@pytest.mark.slow
def test_no_request_makes_the_server_fail() -> None:
    outcome = try_endpoints(8, seed=5, only="/v1/")

    assert outcome.faults == []
    assert {one.operation: one.faults for one in outcome.operations if one.faults} == {}
    assert sum(one.requests_count for one in outcome.operations) > 300


@pytest.mark.slow
@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_no_body_takes_more_work_than_it_is_long(reader: Reader) -> None:
    """Parts of samples that are repeated are left to `python -m tools.campaign growth`: they take an hour."""
    growth = {
        name: measure_growth(reader.reads_quietly, body)
        for name, body in bodies_of(reader.shape, reader.samples())
        if not name.startswith("repeated")
    }

    assert {name: one for name, one in growth.items() if not one.is_straight} == {}


def test_a_campaign_goes_on_where_it_was_broken_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = tmp_path / "campaigns.json"
    words = ["campaign", "readers", "--seed", "3", "--count", "4", "--figures", str(figures), "--only"]

    def campaign(*more: str) -> tuple[str, int]:
        monkeypatch.setattr(sys, "argv", [*words, *more])
        with pytest.raises(SystemExit, match="0"):
            main()
        return capsys.readouterr().out, figures.stat().st_mtime_ns

    first, written_at = campaign("check cusrsp")
    assert campaign("check cusrsp") == (first, written_at)
    assert campaign("check cus")[0].count("4 tried") == 3
    assert campaign("check cusrsp", "--seed", "4")[1] > written_at
