"""`serai drop-folder`: send what is put into a folder (by SFTP, say), and put the answers next to it."""

import time
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from serai.cli.dropping.forms import FOLDERS
from serai.cli.dropping.places import Places
from serai.cli.dropping.worker import DropWorker
from serai.cli.law_folder import LawsOption, read_chosen_laws
from serai.cli.output import OutputOption, choose_output, print_facts
from serai.client.sync_client import Serai
from serai.foundation.clock import SystemClock
from serai.journey.finding_messages import sentence_of
from serai.law.library import load_book
from serai.law.vague_words import VAGUE_WORDS, read_vague_words
from serai.model.errors import SeraiError
from serai.model.findings import Finding
from serai.portal.upload.given_back import write_corrected, write_faulty
from serai.portal.upload.sheet import CheckedBy, read_sheet

_LOOK_S = 1.0


def drop_folder(
    folder: Path,
    /,
    *,
    server: Annotated[str, Parameter(help="Address of the server.")],
    key_file: Annotated[Path, Parameter(help="File that holds the party's key and nothing else.")],
    quiet_s: Annotated[float, Parameter(help="Seconds a file must not change before it is taken.")] = 3.0,
    once: Annotated[bool, Parameter(help="Do what is there, then end.", negative="")] = False,
    laws: LawsOption = None,
    output: OutputOption = None,
) -> int:
    """Send what is put into FOLDER/in; answers come to FOLDER/out, what was not accepted to FOLDER/refused.

    Runs until Ctrl-C. After a crash it does again what was under way; repeats are harmless. Exit code 1 of
    --once if something was refused.

    Parameters
    ----------
    folder
        The drop folder. Its folders in, work, out and refused are made where they are missing.
    """
    law_files = read_chosen_laws(laws)
    book, vague_words = load_book(law_files), read_vague_words(law_files.get(VAGUE_WORDS, b""))
    clock = SystemClock()

    def remark(content: bytes) -> bytes:
        sheet = read_sheet(content, CheckedBy(book, vague_words, int(clock.now().timestamp() * 1000)))
        return write_faulty(sheet, _render) if sheet.table is None else write_corrected(sheet, _render)

    places = Places(folder, inner=FOLDERS)
    with places.held(), Serai(server, _read_key(key_file)) as serai:
        worker = DropWorker(places, serai, remark, quiet_s=quiet_s)
        if once:
            return _do_once(worker, places, quiet_s, output)
        while True:
            worker.look(time.monotonic())
            time.sleep(_LOOK_S)


def _do_once(worker: DropWorker, places: Places, quiet_s: float, output: OutputOption) -> int:
    refused_before = set(places.refused.iterdir())
    done_count = worker.look(time.monotonic())
    time.sleep(quiet_s)
    done_count += worker.look(time.monotonic())
    refused = [path.name for path in sorted(set(places.refused.iterdir()) - refused_before)]
    print_facts(
        {"done": done_count, "under way": len(places.taken()), "refused": refused}, choose_output(output)
    )
    return 1 if refused else 0


def _read_key(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise SeraiError(
            "key-file-unreadable",
            f"{path} cannot be read.",
            "Write the party's key into a file that only you can read, and name it.",
        ) from fault


def _render(finding: Finding) -> str:
    said = sentence_of(finding)
    return f"{said.sentence} {said.remedy}"
