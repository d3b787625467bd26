"""A collector that the settings name is told what a request went through, and nobody's data."""

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from serai.foundation.settings import ServerSettings
from tests.journey.cases.world import file, parcel, running_world


@pytest.fixture
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """The address of somebody else's collector, and the bodies that it was sent."""
    bodies: list[bytes] = []

    class Takes(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Takes) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1/traces", bodies
        server.shutdown()


@pytest.mark.in_turn
def test_request_batch_stages_and_statements_are_spans_that_hold_nobodys_data(
    world_database: str, tmp_path: Path, collector: tuple[str, list[bytes]]
) -> None:
    url, bodies = collector
    one = parcel("TRACE-REFERENCE")
    settings = ServerSettings(traces_url=url)
    with running_world(world_database, tmp_path, server=settings) as world, world.client("post") as client:
        file(client, one)
        client.get("/v1/declarations/UNKNOWN-REFERENCE")

    spans = [
        span
        for body in bodies
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    told = Counter(span.name for span in spans)
    routes = {
        item.value.string_value for span in spans for item in span.attributes if item.key == "http.route"
    }
    batches = {span.span_id for span in spans if span.name == "batch"}
    within = {span.name for span in spans if span.parent_span_id in batches}
    assert told["batch"] >= 1
    assert "/v1/declarations" in routes
    assert {"prepare", "sql"} <= within, within
    everything = b"".join(bodies)
    for secret in ("TRACE-REFERENCE", "UNKNOWN-REFERENCE", one["consignee"]["name"], world.keys["post"]):
        assert secret.encode() not in everything


@pytest.mark.in_turn
def test_without_a_collector_nothing_of_opentelemetry_is_loaded() -> None:
    script = (
        "import sys, serai.web.application; print([name for name in sys.modules if 'opentelemetry' in name])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
