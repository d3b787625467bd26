"""Hold what `uv.lock` names against published advisories (osv.dev, or a mirror: --service-url URL).

Exit code 0: all were asked for and none is known; 1: some are known; 75: *not run*, because no source of
advisories was reached. Not run is never told as none: an auditor that skips what it could not ask for says
"no known vulnerabilities" without a network (seen: pip-audit 2.x, on an index without advisories).
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tools.bootstrap import find_uv

ROOT = Path(__file__).resolve().parent.parent
NONE_KNOWN, SOME_KNOWN, NOT_RUN = 0, 1, 75
PATIENCE_S = 120


def main(words: list[str]) -> int:
    """Ask, and say in words what came out; return the exit code."""
    parser = argparse.ArgumentParser(description="Hold uv.lock against published advisories.")
    parser.add_argument(
        "--service-url", help="Address of a mirror that answers as https://api.osv.dev/ does."
    )
    asked = parser.parse_args(words)
    try:
        done = _ask(asked.service_url)
    except (OSError, subprocess.TimeoutExpired) as fault:
        return _say_not_run(str(fault))
    try:
        report = json.loads(done.stdout)
        counted, found = report["summary"]["audited_packages"], report["vulnerabilities"]
    except (ValueError, KeyError, TypeError):
        return _say_not_run(done.stderr)
    if done.returncode not in (NONE_KNOWN, SOME_KNOWN) or not counted:
        return _say_not_run(done.stderr)
    for one in found:
        print(_line(one))
    print(f"{len(found)} known vulnerabilities in {counted} packages.")
    return SOME_KNOWN if found else NONE_KNOWN


def _ask(service_url: str | None) -> subprocess.CompletedProcess[str]:
    uv = find_uv()
    if uv is None:
        raise FileNotFoundError("uv is not here; `make .venv/installed` brings it")
    previews = ("--preview-features", "audit-command,json-output")
    command = [uv, "audit", "--frozen", "--no-dev", *previews, "--output-format", "json"]
    if service_url:
        command += ["--service-url", service_url]
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "UV_HTTP_RETRIES": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )


def _line(one: dict[str, Any]) -> str:
    dependency = one["dependency"]
    mended = ", ".join(one["fix_versions"]) or "no version yet"
    return (
        f"{dependency['name']} {dependency['version']}: {one['id']}, mended in: {mended}. {one['link'] or ''}"
    )


def _say_not_run(reason: str) -> int:
    words = " ".join(reason.split()) or "no answer"
    print(f"NOT RUN: no source of advisories was reached: {words}", file=sys.stderr)
    print("Next: run `make scan` where https://api.osv.dev is reached, or name a mirror.", file=sys.stderr)
    return NOT_RUN


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
