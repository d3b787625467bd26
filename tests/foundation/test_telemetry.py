"""Telemetry: what is told, and above all what is not."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog

from serai.foundation.clock import FixedClock
from serai.foundation.metrics import Metrics
from serai.foundation.telemetry import report_incident, request_scope, telemetry
from serai.model.errors import SeraiError
from tests.telling import telling_to

AT = datetime(2026, 7, 1, tzinfo=UTC)


class Told:
    """What reached standard error, and the figures."""

    def __init__(self) -> None:
        self.stream = io.StringIO()
        self.metrics = Metrics()

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]


@pytest.fixture
def told() -> Iterator[Told]:
    told = Told()
    with telling_to(told.stream, FixedClock(AT), told.metrics):
        yield told


def test_a_line_is_json_with_instant_request_and_allowed_fields(told: Told) -> None:
    with request_scope("R1"):
        telemetry().info("batch-committed", rows_count=5000, duration_ms=12.5)
    telemetry().info("server-started", port=8000)

    assert told.lines() == [
        {
            "event": "batch-committed",
            "level": "info",
            "rows_count": 5000,
            "duration_ms": 12.5,
            "request_id": "R1",
            "at": "2026-07-01T00:00:00.000+00:00",
        },
        {"event": "server-started", "level": "info", "port": 8000, "at": "2026-07-01T00:00:00.000+00:00"},
    ]


def test_what_is_not_on_the_list_stays_out_and_is_counted(told: Told) -> None:
    telemetry().info("case-read", consignee_name="Ana Maria", code={"name": "Ana Maria"}, rows_count=1)
    telemetry().warning("Ana Maria called")
    telemetry().warning("x", route="Ana Maria " * 50)

    assert "Ana" not in told.stream.getvalue()
    assert [line["fields_dropped_count"] for line in told.lines()] == [2, 1, 1]
    assert "serai_log_fields_dropped_total 4.0" in told.metrics.render().decode()


def test_an_incident_tells_kind_and_place_but_not_the_words(told: Told) -> None:
    def fail() -> None:
        raise ValueError("Ana Maria, Calle Mayor 1")

    with pytest.raises(ValueError, match="Ana") as caught:
        fail()
    report_incident(caught.value, "I-7", told.metrics)

    (line,) = told.lines()
    assert (line["event"], line["incident"], line["error_type"]) == ("internal-error", "I-7", "ValueError")
    assert line["error_frames"][-1].endswith(" fail")
    assert "Ana" not in told.stream.getvalue()
    assert "serai_incidents_total 1.0" in told.metrics.render().decode()


def test_a_librarys_warning_is_told_without_its_words(told: Told) -> None:
    logging.getLogger("psycopg.pool").warning("error connecting: password=%s", "geheim")

    (line,) = told.lines()
    assert (line["event"], line["library"], line["level"]) == ("library-warned", "psycopg.pool", "warning")
    assert line["source"].startswith("test_telemetry.py:")
    assert "geheim" not in told.stream.getvalue()


def test_a_fault_keeps_its_code_and_its_cause_and_loses_its_words(told: Told) -> None:
    try:
        try:
            raise KeyError("Mallory Example")
        except KeyError as fault:
            raise SeraiError("database-busy", "Mallory Example waits.", "Wait.") from fault
    except SeraiError as error:
        telemetry().warning("job-failed", exc_info=error)

    (line,) = told.lines()
    assert (line["error_type"], line["code"], line["cause_type"]) == (
        "SeraiError",
        "database-busy",
        "KeyError",
    )
    assert "Mallory" not in told.stream.getvalue()


def test_a_process_that_set_nothing_up_tells_no_more(capsys: pytest.CaptureFixture[str]) -> None:
    structlog.reset_defaults()
    address = "Invented Lane 12"
    try:
        raise SeraiError("bad-thing", f"{address} is wrong.", "Look.")
    except SeraiError as fault:
        telemetry().warning("job-failed", job="a-job", exc_info=fault)

    said = capsys.readouterr()
    assert said.out == ""
    assert json.loads(said.err)["code"] == "bad-thing"
    assert address not in said.err
    structlog.reset_defaults()
