"""Sound messages to start from: our own first, and those of others where they lie beside the project."""

import gzip
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from serai.evidence.leaf import commit_batch, random_size_bytes
from serai.evidence.promise import promise_batch
from serai.evidence.receipt import promise_receipts
from serai.formats.standards import BY_NAME
from serai.foundation.jws import sign_compact

ROOT: Final = Path(__file__).parents[2]
REFERENCE: Final = ROOT.parent / "shared" / "reference"
OWN: Final = Path(__file__).parent / "samples"
_BYTES_MAX: Final = 100_000
_OF_OTHERS_MAX: Final = 40

_FILES: Final[dict[str, tuple[str, ...]]] = {
    "declaration": ("examples/messages/declaration.json", "conformance/*/messages/parcel.json"),
    "order": ("examples/messages/order.json",),
    "payment": ("examples/messages/payment.json",),
    "transport-document": ("examples/messages/transport-document.json",),
    "arrival": ("examples/messages/arrival.json",),
    "return": ("tools/campaign/samples/return.json",),
    "law-pack": ("laws/EU-2026/pack.yaml", "laws/GB-2021/pack.yaml", "laws/SG-OVR-2024/pack.yaml"),
}
_FILES_OF_OTHERS: Final[dict[str, tuple[str, ...]]] = {
    "wco-dec": ("cds/plain/*IM*/*.xml",),
    "cds": ("cds/plain/**/*.xml",),
    "h7": ("cds/plain/TT_IM077a/*.xml", "cds/plain/TT_IM079a/*.xml"),
    "ceb": ("ceb/2018/samples/**/*.xml",),
    "ics": ("ics/examples/*.xml",),
    "epcis": ("epcis/events/**/*.xml", "epcis/events/**/*.json"),
    "tariff-taric.xml": ("tariff/taric3/backend_samples/*.xml",),
}
_AT: Final = datetime(2026, 7, 1, 12, tzinfo=UTC)


class SeedSigner:
    """A key made from a seed: these receipts and quotes are nobody's."""

    def __init__(self, seed: int) -> None:
        """Make the key."""
        self._key = Ed25519PrivateKey.from_private_bytes(seed.to_bytes(32, "big"))
        self.public_key = self._key.public_key().public_bytes_raw()

    def sign(self, content: bytes, /) -> bytes:
        """Return the signature, 64 bytes."""
        return self._key.sign(content)


SIGNER: Final = SeedSigner(1)


@cache
def samples_of(name: str) -> tuple[bytes, ...]:
    """Return the samples of a reader, ours first; never none."""
    ours = _read(ROOT, BY_NAME[name].samples if name in BY_NAME else _FILES.get(name, ()))
    samples = [*ours, *_read(OWN, (name,)), *list(_of_others(name))[:_OF_OTHERS_MAX]]
    assert samples, f"there is no sample for the reader {name}"
    return tuple(samples)


def _read(folder: Path, patterns: Iterable[str]) -> Iterator[bytes]:
    for pattern in patterns:
        for path in sorted(folder.glob(pattern)):
            if path.stat().st_size <= _BYTES_MAX:
                yield path.read_bytes()


def _of_others(name: str) -> Iterator[bytes]:
    yield from _read(REFERENCE, _FILES_OF_OTHERS.get(name, ()))
    cases = REFERENCE / "ics" / "rule_cases.jsonl.gz"
    if name == "ics" and cases.is_file():
        with gzip.open(cases, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines):
                if number % 150 == 0:
                    yield str(json.loads(line)["xml"]).encode()


@cache
def receipts() -> tuple[bytes, ...]:
    """Return promises of a log that exists nowhere."""
    count, names = 5, ("document", "consignor", "consignee", "decision")
    fields = {name: [b"%s %d" % (name.encode(), number) for number in range(count)] for name in names}
    commitments = commit_batch(
        1,
        _AT,
        leaf_ids=range(1000, 1000 + count),
        fields=fields,
        random_bytes=bytes(random_size_bytes(count, len(names))),
    )
    batch = promise_batch(
        commitments.leaf_data,
        SIGNER,
        origin="log.invented.example/main",
        batch_id=1000,
        integrate_by=_AT + timedelta(seconds=2),
        at=_AT,
    )
    return tuple(promise_receipts(batch))


@cache
def signed_quotes() -> tuple[bytes, ...]:
    """Return a quote's signed form; of its content only what the signature speaks of matters here."""
    content = b'{"jti":"1","iss":"invented","administration":"TEST","total":"9.00"}'
    return (sign_compact(content, SIGNER, kid="invented-1", typ="serai-quote+jws").encode(),)
