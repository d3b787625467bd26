"""The public conformance kit: send each message to a server, hold its answers against those expected.

`SERAI_KEY=... python conformance/run.py http://127.0.0.1:8000` - the key is one of a party that may file.
Needs Python 3.11 and nothing else. A server that has seen the kit before answers its repeats alike.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

KIT = Path(__file__).parent
MEDIA_TYPES = {
    ".json": "application/json",
    ".ndjson": "application/x-ndjson",
    ".csv": "text/csv",
    ".xml": "application/xml",
}
SAME = {"decided": {"decided", "repeated"}}
"""What a message sent again may be answered in place of."""


def main() -> int:
    """Run every message; return 1 if an answer is not as expected."""
    key = os.environ.get("SERAI_KEY", "")
    if len(sys.argv) != 2 or not key:
        print(__doc__)
        return 2
    failed = 0
    for path in messages():
        found = run(sys.argv[1], key, path)
        failed += bool(found)
        print(f"{'FAILED' if found else 'passed'} {path.relative_to(KIT)}")
        for one in found:
            print(f"    {one}")
    return 1 if failed else 0


def messages() -> list[Path]:
    """Every message of the kit: a file beside which lies what is expected."""
    return sorted(
        path
        for path in KIT.rglob("*")
        if path.suffix in MEDIA_TYPES and path.with_name(f"{path.stem}.expected.json").exists()
    )


def run(address: str, key: str, path: Path) -> list[str]:
    """Send one message; return where the answer is not as expected."""
    expected = json.loads(path.with_name(f"{path.stem}.expected.json").read_text(encoding="utf-8"))
    request = Request(
        f"{address.rstrip('/')}/v1/consignments",
        path.read_bytes(),
        {"Content-Type": MEDIA_TYPES[path.suffix], "Authorization": f"Bearer {key}"},
    )
    try:
        with urlopen(request, timeout=60) as response:
            status, content = response.status, response.read()
    except HTTPError as answer:
        status, content = answer.code, answer.read()
    is_many = path.suffix in {".ndjson", ".csv"}
    answers = [json.loads(line) for line in (content.splitlines() if is_many else [content])]
    return [
        *differences("status", expected["status"], status),
        *differences("answers", expected["answers"], answers),
    ]


def differences(place: str, expected: Any, found: Any) -> list[str]:
    """Return where what is expected is not there; what is there beside it does not matter."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return [
            one
            for name, value in expected.items()
            for one in differences(f"{place}.{name}", value, found.get(name))
        ]
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        return [
            one
            for number, pair in enumerate(zip(expected, found, strict=True))
            for one in differences(f"{place}[{number}]", *pair)
        ]
    is_same = expected == found or (place.endswith(".status") and found in SAME.get(expected, ()))
    return [] if is_same else [f"{place}: {expected!r} expected, {found!r} found"]


if __name__ == "__main__":
    sys.exit(main())
