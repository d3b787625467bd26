"""Archives of files, opened with bounds: what an archive says of its sizes is not believed, it is counted."""

import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from serai.formats.packed import packing_of
from serai.foundation.archive import UNREADABLE
from serai.model.errors import SeraiError

MEMBERS_MAX: Final = 1_000
MEMBER_BYTES_MAX: Final = 256 * 1024 * 1024
WHOLE_BYTES_MAX: Final = 1024 * 1024 * 1024
_CHUNK_BYTES: Final = 1 << 20
_ENCRYPTED: Final = 1
_MARK_BYTES: Final = 16


def unpack(archive: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    """Write the files of an archive into a folder one by one; give each member's name and its file.

    Names are made here: a name in the archive leads nowhere. Raises SeraiError `archive-unfit` for an archive
    in it, one that is encrypted, damaged, or larger than the bounds.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [one for one in opened.infolist() if not one.is_dir()]
            if len(members) > MEMBERS_MAX:
                raise _unfit(f"It holds more than {MEMBERS_MAX:,} files.")
            if any(one.flag_bits & _ENCRYPTED for one in members):
                raise _unfit("It is encrypted.")
            left_bytes = WHOLE_BYTES_MAX
            for number, member in enumerate(members, start=1):
                path = folder / f"{number:04}"
                left_bytes -= _extract(opened, member, path, min(MEMBER_BYTES_MAX, left_bytes))
                if _is_archive(path):
                    raise _unfit("There is an archive in it.")
                yield _plain_name(member.filename, number), path
    except UNREADABLE as fault:
        raise _unfit("It is damaged, or packed in a way that is not read here.") from fault


def _is_archive(path: Path) -> bool:
    with path.open("rb") as file:
        return packing_of(file.read(_MARK_BYTES)) == "zip"


def _extract(opened: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path, bytes_max: int) -> int:
    count = 0
    with opened.open(member) as source, path.open("wb") as target:
        while chunk := source.read(_CHUNK_BYTES):
            count += len(chunk)
            if count > bytes_max:
                raise _unfit("Unpacked it is larger than anything that is accepted.")
            target.write(chunk)
    return count


def _plain_name(name: str, number: int) -> str:
    last = PurePosixPath(name.replace("\\", "/")).name
    plain = "".join(one if one.isalnum() or one in "._-" else "_" for one in last)[:80].lstrip(".")
    return f"{number:04}-{plain or 'file'}"


def _unfit(why: str) -> SeraiError:
    return SeraiError(
        "archive-unfit",
        f"The archive is not opened. {why}",
        "Put the files in as they are, or into a plain zip of at most 1,000 files and 1 GiB.",
    )
