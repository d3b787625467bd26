"""`serai verify RECEIPT`: check a receipt offline, in plain words."""

from pathlib import Path
from typing import Annotated, Any
from urllib.error import URLError
from urllib.request import urlopen

import msgspec
from cyclopts import Parameter

from serai.cli.input_file import InputPath, read_input
from serai.cli.output import OutputOption, choose_output, print_facts
from serai.evidence.leaf import Opening, Openings
from serai.evidence.notes import COSIGNATURE, read_verifier_key
from serai.evidence.receipt import Verdict, verify_receipt
from serai.evidence.sentences import FAULTS, render_verdict
from serai.foundation.id_text import format_id
from serai.foundation.keys import KeyFolder
from serai.foundation.settings_reading import read_settings_here
from serai.model.errors import SeraiError

KEY_BYTES_MAX = 4096
LOG_PATIENCE_S = 10


class LogKey(msgspec.Struct, frozen=True):
    """A log's public key (32 bytes) and, where the source names it, the log's name."""

    public_key: bytes
    origin: str | None
    source: str


def verify(
    receipt: InputPath,
    /,
    *,
    public_key: Annotated[
        str | None, Parameter(help="The log's public key, `name+id+key`, or a file that holds this line.")
    ] = None,
    log: Annotated[
        str | None,
        Parameter(help="Address below which the log publishes its key as `key`; asks the network."),
    ] = None,
    opened: Annotated[
        list[str] | None,
        Parameter(
            name="--open",
            help="field=FILE: FILE holds salts and values as issued at /v1/receipts/NUMBER/openings.",
        ),
    ] = None,
    witness_key: Annotated[
        list[str] | None,
        Parameter(
            help="A witness's public key, `name+id+key`, or a file that holds this line; may be repeated."
        ),
    ] = None,
    quorum: Annotated[
        int, Parameter(help="How many of these witnesses must have signed the checkpoint of a proof.")
    ] = 0,
    output: OutputOption = None,
) -> int:
    """Check a receipt offline: that the log signed it, that nothing in it was changed, and what it holds.

    Without a key it is checked against the log of this node. Exit code 1 if it is not genuine.

    Parameters
    ----------
    receipt
        The receipt's file exactly as it was issued, or `-` for standard input.
    """
    key = _find_key(public_key, log)
    openings = [_read_opening(word) for word in opened or ()]
    witnesses = dict(read_verifier_key(read_line(word), COSIGNATURE) for word in witness_key or ())
    verdict = verify_receipt(read_input(receipt), key.public_key, openings, witnesses, quorum)
    if verdict.is_genuine and key.origin not in (None, verdict.origin):
        verdict = msgspec.structs.replace(verdict, faults=("origin-differs",))
    chosen = choose_output(output)
    facts = _facts(verdict, [opening.name for opening in openings], key)
    if chosen == "table":
        facts["faults"] = [fault["sentence"] for fault in facts["faults"]] or "none"
    print_facts({name: value for name, value in facts.items() if value is not None}, chosen)
    return 0 if verdict.is_genuine else 1


def _facts(verdict: Verdict, asked: list[str], key: LogKey) -> dict[str, Any]:
    leaf = verdict.leaf if verdict.is_genuine else None
    return {
        "genuine": verdict.is_genuine,
        "verdict": render_verdict(verdict),
        "holds": verdict.holds if verdict.is_genuine else None,
        "log": verdict.origin if verdict.is_genuine else None,
        "key_from": key.source,
        "number": leaf and format_id(leaf.leaf_id),
        "at": leaf and leaf.at.isoformat(),
        "opened": list(verdict.opened) if asked else None,
        "not_opened": [name for name in asked if name not in verdict.opened] if asked else None,
        "index": verdict.index,
        "tree_size": verdict.tree_size,
        "cosigned_by": list(verdict.cosigned_by) if verdict.is_genuine and verdict.cosigned_by else None,
        "integrate_by": verdict.integrate_by and verdict.integrate_by.isoformat(),
        "faults": [{"code": code, "sentence": FAULTS[code]} for code in verdict.faults],
    }


def _find_key(public_key: str | None, log: str | None) -> LogKey:
    if public_key is not None and log is not None:
        raise SeraiError("key-named-twice", "Both --public-key and --log name a key.", "Give one of them.")
    if public_key is not None:
        return _read_key(read_line(public_key), "--public-key")
    if log is not None:
        return _read_key(_fetch_key(log), log)
    return _own_key()


def read_line(word: str) -> str:
    """A key's line, given itself or by the name of a file that holds it."""
    path = Path(word)
    # A key line has slashes and plus signs in it, but it is never the name of a file that exists.
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else word


def _read_key(text: str, source: str) -> LogKey:
    origin, key = read_verifier_key(text)
    return LogKey(key, origin, source)


def _fetch_key(log: str) -> str:
    if not log.startswith(("http://", "https://")):
        raise SeraiError("log-address", f"{log} is not an address.", "Begin it with https:// or http://.")
    try:
        with urlopen(f"{log.rstrip('/')}/key", timeout=LOG_PATIENCE_S) as answer:  # noqa: S310 - checked above
            return str(answer.read(KEY_BYTES_MAX).decode("utf-8", "replace"))
    except (URLError, OSError) as fault:
        raise SeraiError(
            "log-unreachable", f"The log at {log} does not answer.", "Try later, or give --public-key."
        ) from fault


def _own_key() -> LogKey:
    settings = read_settings_here()
    folder = settings.data.keys_folder
    # Looking first: to open the key would make one, and a new one verifies nothing.
    if not (folder / "signing.pem").is_file():
        raise SeraiError(
            "log-key-needed",
            "There is no log here whose key could be used.",
            "Give --public-key with the key of the log that issued the receipt.",
        )
    key = KeyFolder(folder).signing_key(())
    return LogKey(key.public_key, settings.log.origin, str(folder))


def _read_opening(word: str) -> Opening:
    name, separator, file = word.partition("=")
    if not separator:
        raise SeraiError("opening-unreadable", f"{word} is not field=FILE.", "Write --open consignee=FILE.")
    try:
        found = msgspec.json.decode(read_input(Path(file)), type=Openings).openings
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise SeraiError(
            "opening-unreadable",
            f"{file} does not open a field.",
            "Use the file as it was issued at /v1/receipts/NUMBER/openings.",
        ) from fault
    # The name asked for counts: a file may not open another field than its caller meant.
    own = [one for one in found if one.name == name]
    if len(own) != 1:
        raise SeraiError(
            "opening-unreadable",
            f"{file} does not open the field {name}.",
            f"It opens: {', '.join(one.name for one in found) or 'nothing'}.",
        )
    return own[0]
