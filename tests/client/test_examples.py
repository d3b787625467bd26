"""The small clients in examples/clients run, against a real server."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from tests.journey.cases.world import World, parcel, running_world

ROOT = Path(__file__).parents[2]
CLIENTS = ROOT / "examples" / "clients"
DEMO = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def world(world_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("node")
    with running_world(world_database, folder) as running:
        yield running


@pytest.fixture
def parcel_file(tmp_path: Path) -> Path:
    path = tmp_path / "parcel.json"
    path.write_text(json.dumps(parcel("EXAMPLE-1", house_document="EXAMPLE-1")))
    return path


def environment(world: World) -> dict[str, str]:
    return {**os.environ, "SERAI_URL": world.address, "SERAI_KEY": world.keys["rival"]}


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
def test_the_curl_example_files_a_parcel_and_reads_events(world: World, parcel_file: Path) -> None:
    done = subprocess.run(
        ["sh", str(CLIENTS / "curl.sh"), str(parcel_file)],
        env=environment(world),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert '"reference":"EXAMPLE-1"' in done.stdout
    assert world.keys["rival"] not in done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
def test_what_the_first_page_types_is_answered_as_it_shows(world: World, tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    keys = tmp_path / ".serai" / "demo" / "demo.json"
    keys.parent.mkdir(parents=True)
    keys.write_text(json.dumps({"keys": {"carrier": world.keys["rival"]}}))
    page = (ROOT / "README.md").read_text("utf-8")
    (block,) = re.findall(r"^```console shown\n(.*?)^```", page, re.M | re.S)
    typed, shown = re.sub(r"^\$ ", "", block, flags=re.M).replace(DEMO, world.address).strip().rsplit("\n", 1)

    done = subprocess.run(
        ["sh", "-c", typed], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )

    pattern = ".*".join(re.escape(part) for part in shown.split("..."))
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(pattern, done.stdout.strip()), done.stdout


def find_node() -> Path:
    """A Node that reads TypeScript by itself: the one that comes with Playwright."""
    driver = find_spec("playwright")
    assert driver is not None
    assert driver.origin is not None
    return Path(driver.origin).parent / "driver" / "node"


def run_typescript(path: Path, *words: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [str(find_node()), "--no-warnings", str(path), *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_typescript_example_files_a_parcel_and_reads_events(world: World, parcel_file: Path) -> None:
    printed = run_typescript(
        CLIENTS / "typescript" / "example.mts", str(parcel_file), environment=environment(world)
    )

    assert printed.startswith("EXAMPLE-1 ")
    assert "events: decided" in printed


def test_the_typescript_client_reads_genuine_webhooks_only(tmp_path: Path) -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = '{"type": "decided", "data": {"event_id": "E-1", "kind": "decided"}}'
    at = datetime.now(UTC)
    signature = Webhook(secret).sign("E-1", at, body)
    headers = {"webhook-id": "E-1", "webhook-timestamp": str(int(at.timestamp()))}
    cases = [
        ({**headers, "webhook-signature": f"v1,AAAA {signature}"}, body),
        ({**headers, "webhook-signature": signature}, body.replace("decided", "settled")),
        ({**headers, "webhook-signature": ""}, body),
        ({**headers, "webhook-timestamp": "1", "webhook-signature": signature}, body),
    ]
    script = tmp_path / "check.mts"
    script.write_text(
        f"import {{ readWebhook }} from {json.dumps(str(CLIENTS / 'typescript' / 'serai.mts'))};\n"
        f"for (const [headers, body] of {json.dumps(cases)} as any) {{\n"
        f"  try {{ console.log(readWebhook({json.dumps(secret)}, headers, body).event_id); }}\n"
        "  catch (fault) { console.log((fault as Error).message); }\n}\n"
    )

    printed = run_typescript(script, environment=dict(os.environ))

    assert printed.split() == ["E-1", *["webhook-not-genuine"] * 3]
