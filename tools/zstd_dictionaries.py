"""Make the dictionaries that Serai ships, of invented data alone.

    python -m tools.zstd_dictionaries details DSN details-1.zdict     of those in a database of the bench
    python -m tools.zstd_dictionaries people people-1.zdict
    python -m tools.zstd_dictionaries messages messages-1.zdict    whose people are cut out

A name is new with each content: values are read for ever with the dictionary they were written with.
"""

import random
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import zstandard
from serai.formats.json_lines import canonical
from serai.journey.documents.personal_data import cut_people
from serai.laboratory.invented.draws import draws
from serai.laboratory.invented.parcels import consignments, declared
from serai.model.documents import Consignment
from serai.model.packed_detail import read_plain

_SEED, _PEOPLE_COUNT = 7, 15_000
_DETAILS_BYTES, _PEOPLE_BYTES, _MESSAGES_BYTES = 8_192, 1_024, 16_384
_MESSAGES_COUNT = 2_000
_MESSAGES_AT = datetime(2026, 7, 1, tzinfo=UTC)


def details(dsn: str) -> bytes:
    """Return a dictionary of the details of the consignments in a database."""
    with psycopg.connect(dsn) as connection:
        rows = connection.execute("SELECT detail FROM declared_consignment").fetchall()
    return zstandard.train_dictionary(_DETAILS_BYTES, [read_plain(packed) for (packed,) in rows]).as_bytes()


def people() -> bytes:
    """Return a dictionary of invented people: names of fields and what letters are like, for no word of
    theirs stays as it was, so that real people are made no less small than those of the bench."""
    drawn = random.Random(_SEED)  # noqa: S311 - invented data
    documents = []
    for one in draws(_PEOPLE_COUNT // 2, _SEED):
        try:
            documents.append(msgspec.convert(declared(one.record), Consignment))
        except msgspec.ValidationError:
            continue
    cuts = cut_people(documents, [msgspec.json.encode(one) for one in documents])
    samples: list[bytes | bytearray | memoryview[int]] = [
        msgspec.json.encode(_masked(msgspec.json.decode(content), drawn))
        for cut in cuts
        for _, content in cut.people
    ]
    return zstandard.train_dictionary(_PEOPLE_BYTES, samples).as_bytes()


def messages() -> bytes:
    """Return a dictionary of invented declarations without their people."""
    drawn = consignments(_MESSAGES_COUNT, 1, at=_MESSAGES_AT, first_acceptance=_MESSAGES_AT)
    samples = [sample for sample in map(_without_people, drawn) if sample]
    return zstandard.train_dictionary(_MESSAGES_BYTES, [*samples]).as_bytes()


def _without_people(record: Mapping[str, Any]) -> bytes:
    try:
        document = msgspec.convert(record, Consignment)
    except msgspec.ValidationError:
        return b""
    return cut_people([document], [canonical(document)])[0].message


def _masked(value: Any, drawn: random.Random) -> Any:
    if isinstance(value, dict):
        return {key: its if key == "country_code" else _masked(its, drawn) for key, its in value.items()}
    if isinstance(value, list):
        return [_masked(one, drawn) for one in value]
    return "".join(_other(sign, drawn) for sign in value) if isinstance(value, str) else value


def _other(sign: str, drawn: random.Random) -> str:
    if sign.isdecimal() and sign.isascii():
        return drawn.choice("0123456789")
    if sign.isascii():
        letters = "etaoinshrdlucmfwyp" if sign.islower() else "ABCDEFGHIJKLMNOPRSTW"
        return drawn.choice(letters) if sign.isalpha() else sign
    # Of the same script: letters of one lie side by side.
    return chr(ord(sign) // 64 * 64 + drawn.randrange(64))


def main() -> None:
    """Write one dictionary."""
    match sys.argv[1:]:
        case ["details", dsn, target]:
            Path(target).write_bytes(details(dsn))
        case ["people", target]:
            Path(target).write_bytes(people())
        case ["messages", target]:
            Path(target).write_bytes(messages())
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
