"""A ZIP archive that somebody sent, as files by path: bounded, and no path leads out of it."""

import io
import lzma
import zipfile
import zlib
from typing import Final

from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

FILES_COUNT_MAX: Final = 5_000
UNPACKED_BYTES_MAX: Final = 64 * 2**20
"""A small archive may unpack to anything; a folder of law packs has a few megabytes."""


UNREADABLE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)
"""What the library raises of archives that are damaged, encrypted or packed in ways it does not know. OSError
is that of bzip2."""


def read_archive(content: bytes) -> dict[str, bytes]:
    """Return the files of a ZIP archive by path, with `/`; folders are left out.

    Raises SeraiError `archive-faulty`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _read(archive)
    except UNREADABLE as fault:
        # The library says RuntimeError of encrypted files.
        raise _faulty("The archive cannot be used: it is damaged, encrypted or no ZIP at all.") from fault


def _read(archive: zipfile.ZipFile) -> dict[str, bytes]:
    members = [one for one in archive.infolist() if not one.is_dir()]
    if len(members) > FILES_COUNT_MAX:
        raise _faulty(
            MessageText(
                "The archive cannot be used: it holds more than {count_max} files.", count_max=FILES_COUNT_MAX
            )
        )
    files: dict[str, bytes] = {}
    left = UNPACKED_BYTES_MAX
    for member in members:
        path = member.filename
        if path.startswith("/") or "\\" in path or not path.isprintable() or ".." in path.split("/"):
            raise _faulty("The archive cannot be used: a path in it leads out of it, or cannot be printed.")
        if path in files:
            raise _faulty(MessageText("The archive cannot be used: it holds {path} twice.", path=path))
        with archive.open(member) as file:
            # What an archive says of its sizes is not believed.
            files[path] = file.read(left + 1)
        left -= len(files[path])
        if left < 0:
            raise _faulty(
                MessageText(
                    "The archive cannot be used: it unpacks to more than {bytes_max} bytes.",
                    bytes_max=UNPACKED_BYTES_MAX,
                )
            )
    return files


def _faulty(message: str) -> SeraiError:
    return SeraiError(
        "archive-faulty",
        message,
        "Pack the folder again, as an ordinary ZIP.",
    )
