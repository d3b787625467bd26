"""The way into processing, which a room may not import: what is handed over, and a gate for one stream."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any, Protocol

from serai.formats.decoded import Document
from serai.formats.packed import find_packed
from serai.formats.wco_dec import DecMessage
from serai.foundation.access.actor import Actor
from serai.model.errors import SeraiError
from serai.model.findings import Finding


class FiledAnswer(Protocol):
    """What became of one document."""

    status: str
    reference: str
    findings: list[Finding]


class FilingDoor(Protocol):
    """The way into processing; `web/application.py` hands it over in the application's state as
    `lodgement`."""

    async def file(
        self,
        actor: Actor,
        kind: str,
        *,
        lines: Sequence[bytes] = (),
        documents: Sequence[Document | None] = (),
        findings: Sequence[list[Finding]] = (),
        may_wait: bool = False,
    ) -> list[Any]:
        """File documents; one answer each."""
        ...

    def refuse(
        self, error: SeraiError, *, lines: Sequence[bytes] = (), documents: Sequence[Document | None] = ()
    ) -> list[Any]:
        """Answer documents that are not filed: why, and when to send them again."""
        ...

    def encode_lines(self, answers: Sequence[Any], first_line: int) -> bytes:
        """Write answers as NDJSON."""
        ...

    def encode_one(self, answer: Any) -> tuple[int, bytes]:
        """Write one answer as JSON; returns the HTTP status with it."""
        ...

    def trailer(self, counts: Counter[str]) -> bytes:
        """Write the last line of a stream."""
        ...


class LaterActs(Protocol):
    """What a WCO DEC message may ask after its original; `web/application.py` hands it over as `acts`."""

    async def clear_dec_for(self, actor: Actor, message: DecMessage, content: bytes) -> tuple[int, bytes]:
        """Amend, withdraw or present; returns the HTTP status and the answer as JSON."""
        ...


class Gate:
    """The door for one stream: what cannot be taken before the first answer is raised; later, that chunk and
    all that follow are answered as not accepted, and nothing more is tried."""

    def __init__(self, lodgement: FilingDoor, actor: Actor) -> None:
        self._lodgement = lodgement
        self._actor = actor
        self._is_first = True
        self._closed_by: SeraiError | None = None

    async def file(
        self,
        kind: str,
        *,
        lines: Sequence[bytes] = (),
        documents: Sequence[Document | None] = (),
        findings: Sequence[list[Finding]] = (),
    ) -> list[Any]:
        """File a chunk; one answer each. Raises SeraiError `body-packed` at the first."""
        is_first, self._is_first = self._is_first, False
        if is_first and lines and find_packed(lines[0]):
            # A packed file may hold whole lines as they are: some of them would be taken.
            raise SeraiError(
                "body-packed", "This is a packed file, not lines.", "Unpack it and send what is in it."
            )
        if self._closed_by is None:
            try:
                return await self._lodgement.file(
                    self._actor,
                    kind,
                    lines=lines,
                    documents=documents,
                    findings=findings,
                    may_wait=not is_first,
                )
            except SeraiError as error:
                if is_first:
                    raise
                self._closed_by = error
        refuse = partial(self._lodgement.refuse, self._closed_by, lines=lines, documents=documents)
        return await asyncio.to_thread(refuse)
