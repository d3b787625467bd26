"""`serai witness`: sign checkpoints of other people's logs, so that none can have two histories unseen."""

import asyncio
import fcntl
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import uvicorn
from cyclopts import Parameter

from serai.cli.output import OutputOption, choose_output, print_facts
from serai.evidence.notes import COSIGNATURE, read_verifier_key, write_verifier_key
from serai.evidence.witness import Witness
from serai.foundation.clock import SystemClock
from serai.foundation.key_files import write_once
from serai.foundation.keys import KeyFolder
from serai.model.errors import SeraiError
from serai.web.witness_api import build_witness

_KEY_FILE = "key"


def init(
    folder: Path,
    /,
    *,
    name: Annotated[str, Parameter(help="Name of the witness for ever, like an address: witness.example/1.")],
    output: OutputOption = None,
) -> int:
    """Make the key of a witness; print its public part, which those who verify receipts need.

    Parameters
    ----------
    folder
        Where the witness keeps its key and what it has signed.
    """
    if not name.isprintable() or not name or any(letter in "+ \t" for letter in name):
        raise SeraiError(
            "witness-name-unfit",
            f"{name!r} is no name of a witness.",
            "Use an address without blanks and plus.",
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (folder / _KEY_FILE).exists():
        raise SeraiError(
            "witness-exists", f"There is a witness in {folder}.", "Leave it as it is, or take another folder."
        )
    key = KeyFolder(folder / "keys").signing_key(())
    line = write_verifier_key(name, key.public_key, COSIGNATURE)
    write_once(folder / _KEY_FILE, f"{line}\n".encode())
    print_facts({"key": line}, choose_output(output))
    return 0


def trust(folder: Path, key: str, /, *, output: OutputOption = None) -> int:
    """Sign checkpoints of a log from now on.

    Parameters
    ----------
    folder
        The witness's folder.
    key
        The log's public key, `name+id+key`, as its operator hands it over; the log publishes it at /log/key.
    """
    witness, _ = _open(folder)
    print_facts({"log": witness.trust(key)}, choose_output(output))
    return 0


def serve(folder: Path, /, *, host: str = "127.0.0.1", port: int = 7380) -> int:
    """Sign what logs send, until Ctrl-C. Put a proxy with TLS in front.

    Parameters
    ----------
    folder
        The witness's folder; one process at a time works in it.
    host
        Address to listen on.
    port
        Port to listen on; 0 takes a free one.
    """
    with _alone(folder):
        witness, key = _open(folder)
        listener = socket.create_server((host, port))
        print(f"{key}\nlistens on http://{host}:{listener.getsockname()[1]}", flush=True)
        config = uvicorn.Config(
            build_witness(witness, key, SystemClock()),
            log_level="warning",
            proxy_headers=False,
            limit_concurrency=200,
        )
        asyncio.run(uvicorn.Server(config).serve(sockets=[listener]))
    return 0


def _open(folder: Path) -> tuple[Witness, str]:
    """Open a witness's folder; return it with its public key as a line."""
    path = folder / _KEY_FILE
    if not path.is_file():
        raise SeraiError(
            "witness-missing", f"There is no witness in {folder}.", "Make one: serai witness init."
        )
    line = path.read_text(encoding="utf-8").strip()
    name, public_key = read_verifier_key(line, COSIGNATURE)
    return Witness(folder, name, KeyFolder(folder / "keys").signing_key([public_key])), line


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other processes out of a witness's folder: two would each sign what the other does not know."""
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            raise SeraiError(
                "witness-runs", f"Another process serves the witness in {folder}.", "End it first."
            ) from fault
        yield
