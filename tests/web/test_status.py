"""Service status: differences of sums that the processes counted; open data for strangers."""

from datetime import UTC, datetime, timedelta

import httpx2

from serai.foundation.metrics import Metrics
from serai.web.status.measured import HOUR, Sample, add_up, measure
from tests.journey.cases.world import World

AT = datetime(2026, 6, 20, 9, tzinfo=UTC)


def counted(metrics: Metrics, status: str, seconds: float, count: int, route: str = "/v1/cases") -> None:
    metrics.requests.labels("GET", route, status).inc(count)
    for _ in range(count):
        metrics.request_seconds.labels(route).observe(seconds)


def test_a_window_is_what_came_in_it_and_never_rounded_up() -> None:
    metrics, samples = Metrics(), []
    counted(metrics, "500", 3, 40)
    samples.append(add_up(metrics.collect(), AT))
    counted(metrics, "200", 0.004, 90)
    counted(metrics, "404", 0.2, 9)
    counted(metrics, "503", 0.2, 1)
    counted(metrics, "503", 9, 50, "/readyz")
    now = add_up(metrics.collect(), AT + timedelta(minutes=70))

    found = measure(samples, now, HOUR)

    assert (found.requests_count, found.failed_count, found.availability_percent) == (100, 1, "99.00")
    assert (found.answer_p50_ms_max, found.answer_p95_ms_max) == (5, 250)
    assert found.measured_from == AT


def test_where_nothing_was_asked_nothing_is_claimed() -> None:
    nothing = Sample(AT, 0, 0, {})

    found = measure([nothing], nothing, HOUR)

    assert (found.availability_percent, found.answer_p99_ms_max) == (None, None)


def test_a_share_just_below_all_is_not_all() -> None:
    found = measure([Sample(AT, 0, 0, {})], Sample(AT + HOUR, 1_000_000, 1, {}), HOUR)

    assert found.availability_percent == "99.99"


def test_strangers_read_status_and_release_times_as_page_and_data(world: World) -> None:
    with world.client("") as client:
        status = client.get("/v1/status").json()
        page = client.get("/status", headers={"accept": "text/html"})
        times = client.get("/release-times", headers={"accept": "text/html"})
        data = client.get("/v1/statistics").json()
        tables = [client.get(f"/v1/statistics/{name}") for name in ("release-times", "measures")]

    assert status["is_ready"] is True
    assert status["troubles"] == []
    assert status["hour"]["measured_from"] <= status["at"]
    assert "The service is up" in page.text
    assert times.status_code == 200
    assert data["count_min"] == 10
    for one in tables:
        assert one.headers["content-type"].startswith("text/csv")
    assert tables[0].text.startswith("lane,logistics_channel_code,transport_mode_code,released_count,")
    assert "127.0.0.1" not in page.text + str(status)


def test_officer_sees_the_same_page(world: World) -> None:
    with world.client("officer") as client:
        assert client.get("/status", headers={"accept": "text/html"}).status_code == 200
        answer: httpx2.Response = client.get("/release-times", headers={"accept": "text/html"})
    assert answer.status_code == 200
