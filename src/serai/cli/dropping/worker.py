"""The worker of a drop folder: takes files once they are whole, files them, puts the answers beside them."""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from serai.cli.dropping.archives import MEMBER_BYTES_MAX, unpack
from serai.cli.dropping.forms import HEAD_BYTES, Dropped, detect_form
from serai.cli.dropping.places import Places, hash_of, own_name, write_whole
from serai.client.answers import Answer
from serai.client.sync_client import Serai
from serai.client.unanswered import RetryLaterError
from serai.foundation.telemetry import telemetry
from serai.journey.messaging.registry import MESSAGE_EXCHANGES
from serai.model.errors import SeraiError

STOPS: Final = frozenset({"key-unknown", "key-expired", "key-revoked", "key-malformed", "sign-in-needed"})
"""Errors that concern every file candidates: the worker ends, and files stay where they are."""

PROPOSAL_BYTES_MAX: Final = 32 * 1024 * 1024
"""Of larger files no corrected one is proposed."""

Remark = Callable[[bytes], bytes]
"""Writes a CSV file again with remarks and sure corrections; of NDJSON the faulty lines."""

_PROPOSED: Final = {"csv": "corrected.csv", "ndjson": "faulty.ndjson"}


class Seen(msgspec.Struct, frozen=True):
    """How a file looked. since_s: since when it looks so."""

    size_bytes: int
    modified_ns: int
    since_s: float


class DropWorker:
    """Works on one folder. quiet_s: how long a file must not change before it is taken."""

    def __init__(self, places: Places, serai: Serai, remark: Remark, *, quiet_s: float) -> None:
        self._places = places
        self._serai = serai
        self._remark = remark
        self._quiet_s = quiet_s
        self._seen: dict[Path, Seen] = {}

    def look(self, at_s: float) -> int:
        """Take what is whole and do what is under way; returns how many files were done. at_s: monotonic."""
        for path in self._whole(at_s):
            self._places.take(path)
        return sum(self._do(path) for path in self._places.taken())

    def _whole(self, at_s: float) -> Iterator[Path]:
        waiting = self._places.waiting()
        seen: dict[Path, Seen] = {}
        for path in waiting:
            facts = path.lstat()
            before = self._seen.get(path)
            is_same = before is not None and (before.size_bytes, before.modified_ns) == (
                facts.st_size,
                facts.st_mtime_ns,
            )
            since_s = before.since_s if before is not None and is_same else at_s
            if self._places.is_marked(path) or (is_same and at_s - since_s >= self._quiet_s):
                yield path
            else:
                seen[path] = Seen(facts.st_size, facts.st_mtime_ns, since_s)
        self._seen = seen

    def _do(self, path: Path) -> bool:
        """Do one file; False where it is to be tried again."""
        name = own_name(path, hash_of(path))
        try:
            is_taken = self._file(path, path.name.partition("@")[0], name)
        except RetryLaterError as error:
            # It stays under way, and is tried again at the next look.
            telemetry().warning("dropped-file-waits", code=error.code)
            return False
        except SeraiError as error:
            if error.code in STOPS:
                raise
            self._write_problem(name, error)
            is_taken = False
        except OSError:
            raise  # our own disk: it is tried again when there is room
        except Exception as fault:  # noqa: BLE001 - one strange file must not keep all behind it from being filed
            telemetry().warning("dropped-file-breaks", exc_info=fault)
            self._write_problem(name, _breaks_us())
            is_taken = False
        # Last: until the file has gone, a crash leads to the same again.
        path.replace((self._places.out if is_taken else self._places.refused) / name)
        return True

    def _file(self, path: Path, folder: str, name: str) -> bool:
        """File one file and write its answers; True if all of it was taken."""
        if path.stat().st_size > MEMBER_BYTES_MAX:
            raise SeraiError(
                "dropped-file-unfit",
                f"A file has at most {MEMBER_BYTES_MAX // 2**20} MiB here.",
                "Cut it into several files.",
            )
        with path.open("rb") as source:
            what = detect_form(folder, path.name.partition("@")[2], source.read(HEAD_BYTES))
        if what is None:
            raise SeraiError(
                "dropped-file-unfit",
                "Nothing here takes a file of this form in this folder.",
                "See the page 'Drop files into a folder' for folders and forms.",
            )
        if what.form == "zip":
            return self._file_members(path, folder, name)
        if what.standard is not None:
            return self._send(what.standard, path, name)
        return self._file_documents(what, path, name)

    def _file_members(self, path: Path, folder: str, name: str) -> bool:
        is_taken = True
        with tempfile.TemporaryDirectory(prefix=".unpacked-", dir=self._places.work) as unpacked:
            for member, file in unpack(path, Path(unpacked)):
                # As if it had been put in by itself, under a name that says from which archive it came.
                renamed = file.with_name(f"{folder}@{member}")
                file.replace(renamed)
                of_member = f"{name}.{member}"
                try:
                    is_whole = self._file(renamed, folder, of_member)
                except RetryLaterError:
                    raise
                except SeraiError as error:
                    if error.code in STOPS:
                        raise
                    self._write_problem(of_member, error)
                    is_whole = False
                if not is_whole:
                    is_taken = False
                    shutil.copyfile(renamed, self._places.refused / of_member)
                renamed.unlink()
        return is_taken

    def _send(self, standard: str, path: Path, name: str) -> bool:
        media_type = MESSAGE_EXCHANGES[standard].media_types[0]
        reply = self._serai.send_message(standard, path.read_bytes(), content_type=media_type)
        write_whole(self._places.out / f"{name}.answer", [reply.content])
        return reply.status == 200

    def _file_documents(self, what: Dropped, path: Path, name: str) -> bool:
        is_taken, number = True, 0

        def lines() -> Iterator[bytes]:
            nonlocal is_taken, number
            for answer in self._answers(what, path):
                number += 1
                is_taken = is_taken and answer.is_taken
                # Answers come in the order of the file; number counts its documents.
                yield b'{"number":%d,%b\n' % (number, msgspec.json.encode(answer)[1:])

        write_whole(self._places.out / f"{name}.answers.ndjson", lines())
        if (
            not is_taken
            and what.kind == "declaration"
            and what.form in _PROPOSED
            and path.stat().st_size <= PROPOSAL_BYTES_MAX
        ):
            proposal = self._remark(path.read_bytes())
            write_whole(self._places.refused / f"{name}.{_PROPOSED[what.form]}", [proposal])
        return is_taken and number > 0

    def _answers(self, what: Dropped, path: Path) -> Iterable[Answer]:
        assert what.kind is not None, "a form of ours carries documents"
        if what.form == "ndjson":
            return self._serai.submit_many(_lines_of(path), what.kind)
        content = path.read_bytes()
        if what.form == "csv":
            return self._serai.submit_csv(content, what.kind)
        return [
            self._serai.submit_xml(content) if what.form == "xml" else self._serai.submit(content, what.kind)
        ]

    def _write_problem(self, name: str, error: SeraiError) -> None:
        told = {"code": error.code, "detail": error.message, "next_step": error.next_step}
        write_whole(self._places.refused / f"{name}.problem.json", [msgspec.json.encode(told)])


def _lines_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as source:
        for line in source:
            if line.strip():
                yield line.rstrip(b"\r\n")


def _breaks_us() -> SeraiError:
    return SeraiError(
        "dropped-file-unfit",
        "This file cannot be read, in a way that we did not foresee; nothing of it was filed.",
        "Look whether it is whole. If other programs read it, tell whoever runs Serai.",
    )
