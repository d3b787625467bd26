"""What is shipped is known: the wheel has the same bytes each time, the list of parts is whole, and a scan
that could not ask says so."""

import hashlib
import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.deploy.programs import DEPLOY, ROOT, program, run
from tools import vulnerabilities

SOURCES = ("src", "laws", "migrations", "examples", "conformance", "pyproject.toml", "README.md", "LICENSE")
HASHES = ("--build-constraints", DEPLOY / "build-constraints.txt", "--require-hashes")


@contextmanager
def advisories(vulnerable: str | None, *, status: int = 200) -> Iterator[str]:
    """The address of a source that answers as osv.dev does, and knows one package or none."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))["queries"]
            known = {"vulns": [{"id": "GHSA-aaaa-bbbb-cccc", "modified": "2026-01-01T00:00:00Z"}]}
            self.answer({"results": [known if one["package"]["name"] == vulnerable else {} for one in asked]})

        def do_GET(self) -> None:
            package = {"ecosystem": "PyPI", "name": vulnerable}
            affected = [{"package": package, "versions": []}]
            head = {"id": "GHSA-aaaa-bbbb-cccc", "modified": "2026-01-01T00:00:00Z", "summary": "invented"}
            self.answer({**head, "affected": affected})

        def answer(self, document: object) -> None:
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.in_turn
@pytest.mark.parametrize(("vulnerable", "code"), [(None, 0), ("jinja2", 1)])
def test_a_scan_tells_what_the_source_knows(
    vulnerable: str | None, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    program("uv")
    with advisories(vulnerable) as url:
        assert vulnerabilities.main(["--service-url", url]) == code

    words = capsys.readouterr().out
    assert ("GHSA-aaaa-bbbb-cccc" in words) == (vulnerable is not None)
    assert f"{code} known vulnerabilities in " in words


@pytest.mark.in_turn
@pytest.mark.parametrize("why", ["nobody listens", "another page"])
def test_a_scan_without_a_source_is_not_run_and_never_green(
    why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    program("uv")
    with advisories(None, status=404) as url:
        code = vulnerabilities.main(
            ["--service-url", "http://127.0.0.1:9/" if why == "nobody listens" else url]
        )

    said = capsys.readouterr()
    assert code == vulnerabilities.NOT_RUN
    assert said.err.startswith("NOT RUN")
    assert "known" not in said.out


@pytest.mark.in_turn
def test_the_wheel_has_the_same_bytes_wherever_and_whenever_it_is_built(tmp_path: Path) -> None:
    uv = program("uv")
    sums = []
    for number, mask in enumerate((0o022, 0o077)):
        before = os.umask(mask)
        try:
            source = tmp_path / f"source-{number}"
            source.mkdir()
            for name in SOURCES:
                _copy_anew(ROOT / name, source / name)
            done = run(
                *(uv, "build", "--wheel", *HASHES, "--out-dir", tmp_path / f"out-{number}", source),
                variables={"SOURCE_DATE_EPOCH": "1577836800"},
            )
        finally:
            os.umask(before)
        assert done.returncode == 0, done.stderr
        (wheel,) = (tmp_path / f"out-{number}").glob("*.whl")
        sums.append(hashlib.sha256(wheel.read_bytes()).hexdigest())

    assert sums[0] == sums[1]


def test_the_list_of_parts_names_all_that_the_image_installs_and_nothing_is_without_a_hash() -> None:
    uv = program("uv")
    common = ("export", "--frozen", "--no-dev", "--extra", "traces")
    listed = run(uv, *common, "--format", "cyclonedx1.5", "--preview-features", "sbom-export")
    installed = run(
        uv, *common, "--no-emit-project", "--no-annotate", "--no-header", "--format", "requirements.txt"
    )

    components = json.loads(listed.stdout)["components"]
    parts = {f"{one['name']}=={one['version']}" for one in components}
    entries = installed.stdout.replace("\\\n", " ").splitlines()
    assert {entry.split()[0] for entry in entries} == parts
    assert all("--hash=sha256:" in entry for entry in entries)
    assert all(one["purl"].startswith("pkg:pypi/") for one in components)


def _copy_anew(origin: Path, copy: Path) -> None:
    """Copy contents alone: each copy has other times and, under another mask, other rights."""
    if origin.is_dir():
        shutil.copytree(origin, copy, copy_function=shutil.copyfile)
    else:
        shutil.copyfile(origin, copy)
