"""Handing a message over: to a mail server (SMTP, RFC 5321), or into a folder where a developer reads it."""

import contextlib
import smtplib
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Literal, NamedTuple, Protocol

from serai.foundation.id_text import format_id

Outcome = Literal["sent", "later", "refused", "unsure"]
_TAKEN: Final = range(200, 300)
_LATER: Final = range(400, 500)


class Handed(NamedTuple):
    """What became of a try. detail: the server's enhanced status code (RFC 3463), or its reply code."""

    outcome: Outcome
    detail: str = ""


class Envelope(NamedTuple):
    """What a message travels under. return_path: where it comes back to; token: by which it is known then."""

    notice_id: int
    to: str
    return_path: str
    token: str


class Transport(Protocol):
    """Takes messages. Its functions wait: they are called in a thread."""

    def hand_over(self, envelope: Envelope, message: bytes, begins: Callable[[], bool]) -> Handed:
        """Hand a message over. begins: called when nothing but the text is missing; False: leave it."""
        ...

    def was_taken(self, notice_id: int) -> bool | None:
        """Say whether a message was taken by a process that ended; None: nobody can tell."""
        ...


class FolderTransport:
    """Writes each message into a file of its own, whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def hand_over(self, envelope: Envelope, message: bytes, begins: Callable[[], bool]) -> Handed:
        """Write the file; one that is there stays."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if not begins():
            return Handed("later")
        path = self._path(envelope.notice_id)
        partial = path.with_suffix(".part")
        partial.write_bytes(message)
        partial.replace(path)
        return Handed("sent")

    def was_taken(self, notice_id: int) -> bool | None:
        """Say whether the file is there."""
        return self._path(notice_id).is_file()

    def _path(self, notice_id: int) -> Path:
        return self._folder / f"{format_id(notice_id)}.eml"


class Server(NamedTuple):
    """A mail server. security: `starttls`, `tls` or `none`. user, password: "" for none."""

    host: str
    port: int
    security: str
    user: str
    password: str
    timeout_s: float
    tls: ssl.SSLContext | None = None

    def __repr__(self) -> str:
        return f"Server({self.host!r}, {self.port})"


class SmtpTransport:
    """Hands messages to a mail server, one connection each."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def hand_over(self, envelope: Envelope, message: bytes, begins: Callable[[], bool]) -> Handed:
        """Hand a message over. A connection that breaks after the text has begun leaves it unsure."""
        has_begun = False
        try:
            with self._connect() as smtp:
                for code, reply in self._address(smtp, envelope):
                    if code not in _TAKEN:
                        return _answered(code, reply)
                has_begun = begins()
                if not has_begun:
                    return Handed("later")
                return _answered(*smtp.data(message))
        except smtplib.SMTPResponseException as fault:
            return _answered(fault.smtp_code, fault.smtp_error)
        except (OSError, smtplib.SMTPException, ssl.SSLError, EOFError):
            return Handed("unsure" if has_begun else "later", "4.4.2")

    def was_taken(self, notice_id: int) -> bool | None:  # noqa: ARG002 - no mail server can be asked
        """Nobody can tell."""
        return None

    @contextlib.contextmanager
    def _connect(self) -> Iterator[smtplib.SMTP]:
        server = self._server
        context = server.tls or ssl.create_default_context()
        smtp = (
            smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout_s, context=context)
            if server.security == "tls"
            else smtplib.SMTP(server.host, server.port, timeout=server.timeout_s)
        )
        try:
            smtp.ehlo()
            if server.security == "starttls":
                smtp.starttls(context=context)
                smtp.ehlo()
            if server.user:
                smtp.login(server.user, server.password)
            yield smtp
        finally:
            # What was answered stands, whatever becomes of the farewell.
            with contextlib.suppress(OSError, smtplib.SMTPException):
                smtp.quit()
            smtp.close()

    def _address(self, smtp: smtplib.SMTP, envelope: Envelope) -> Iterator[tuple[int, bytes]]:
        tells = smtp.has_extn("dsn")
        options = [f"ENVID={envelope.token}", "RET=HDRS"] if tells else []
        yield smtp.mail(envelope.return_path, options)
        wanted = ["NOTIFY=SUCCESS,FAILURE"] if tells else []
        yield smtp.rcpt(envelope.to, wanted)


def _answered(code: int, reply: bytes | str) -> Handed:
    text = reply.decode("ascii", "replace") if isinstance(reply, bytes) else reply
    first = text.partition(" ")[0]
    is_status = first.count(".") == 2 and first.replace(".", "").isdigit()
    detail = first if is_status else str(code)
    if code in _TAKEN:
        return Handed("sent", detail)
    return Handed("later" if code in _LATER else "refused", detail)
