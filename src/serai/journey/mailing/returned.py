"""What comes back of a notice: reports of delivery (RFC 3464), and what was sent back to its return path.

A report names the notice by the token of its envelope, which stands in the return path as well. Its words are
not kept: they hold addresses.
"""

import contextlib
import re
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from pathlib import Path
from typing import Final, Literal, NamedTuple

REPORT_BYTES_MAX: Final = 1 << 20
_FILES_A_TURN: Final = 100
_TOKEN: Final = re.compile(r"\+([0-9a-f]{30})@")
_BARE_TOKEN: Final = re.compile(r"[0-9a-f]{30}")
_STATUS: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_STATES: Final[dict[str, Literal["delivered", "bounced"]]] = {"failed": "bounced", "delivered": "delivered"}


class Returned(NamedTuple):
    """What became of a notice. detail: status code."""

    token: str
    state: Literal["delivered", "bounced"]
    detail: str


def list_returned(folder: Path) -> list[tuple[Path, bytes | None]]:
    """Return messages of a folder, or the new ones of a Maildir; None: it is too large to be read."""
    inbox = folder / "new" if (folder / "new").is_dir() else folder
    waiting = sorted(path for path in inbox.glob("*") if path.is_file() and not path.name.startswith("."))
    found = []
    for path in waiting[:_FILES_A_TURN]:
        with contextlib.suppress(FileNotFoundError):  # another process was quicker
            is_read = path.stat().st_size <= REPORT_BYTES_MAX
            found.append((path, path.read_bytes() if is_read else None))
    return found


def put_aside(folder: Path, path: Path, *, was_read: bool) -> None:
    """Put a message into `read` or `unreadable`: to read it twice changes nothing, to lose it would."""
    done = folder / ("read" if was_read else "unreadable")
    done.mkdir(exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        path.rename(done / path.name)


def read_returned(content: bytes | None) -> list[Returned] | None:
    """Return what a message says of our notices; nothing where it is no report; None: it cannot be read."""
    try:
        return None if content is None else _read_reports(content)
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError):
        # Parts in parts without end, or a header that the library stumbles over: it must not stop the others.
        return None


def _read_reports(content: bytes) -> list[Returned]:
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    found = []
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        fields = part.get_payload()
        if not isinstance(fields, list) or not fields:
            continue
        token = _field(fields[0], "Original-Envelope-Id") or _return_token(message)
        for recipient in fields[1:]:
            state = _STATES.get(_field(recipient, "Action").lower())
            status = _STATUS.search(_field(recipient, "Status"))
            if state is not None and _BARE_TOKEN.fullmatch(token):
                found.append(Returned(token, state, status[0] if status else ""))
    return found


def _return_token(message: EmailMessage) -> str:
    for name in ("Delivered-To", "X-Original-To", "Envelope-To", "To"):
        named = _TOKEN.search(str(message.get(name, "")))
        if named is not None:
            return named[1]
    return ""


def _field(fields: Message | str, name: str) -> str:
    return "" if isinstance(fields, str) else str(fields.get(name, "")).strip()
