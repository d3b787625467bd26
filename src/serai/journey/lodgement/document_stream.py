"""A stream of documents of one party, handed in chunk by chunk."""

import asyncio
from collections.abc import Sequence
from functools import partial

from serai.formats.decoded import Document
from serai.formats.packed import find_packed
from serai.foundation.access.actor import Actor
from serai.journey.documents.submission import Answer, Places
from serai.journey.lodgement.service import LodgementService
from serai.model.errors import SeraiError
from serai.model.findings import Finding


class DocumentStream:
    """One stream: what cannot be taken before the first answer is raised; later, that chunk and
    all that follow are answered as not accepted, and nothing more is tried."""

    def __init__(self, lodgement: LodgementService, actor: Actor) -> None:
        self._lodgement = lodgement
        self._actor = actor
        self._is_first = True
        self._closed_by: SeraiError | None = None

    async def submit(
        self,
        kind: str,
        *,
        lines: Sequence[bytes] = (),
        documents: Sequence[Document | None] = (),
        findings: Sequence[list[Finding]] = (),
        places: Sequence[Places | None] = (),
    ) -> list[Answer]:
        """File a chunk; one answer each. Raises SeraiError `body-packed` at the first."""
        is_first, self._is_first = self._is_first, False
        if is_first and lines and find_packed(lines[0]):
            # A packed file may hold whole lines as they are: some of them would be taken.
            raise SeraiError(
                "body-packed", "Compressed files are not accepted.", "Unpack it and send what is in it."
            )
        if self._closed_by is None:
            try:
                return await self._lodgement.submit(
                    self._actor,
                    kind,
                    lines=lines,
                    documents=documents,
                    findings=findings,
                    places=places,
                    may_wait=not is_first,
                )
            except SeraiError as error:
                if is_first:
                    raise
                self._closed_by = error
        refuse = partial(self._lodgement.refuse, self._closed_by, lines=lines, documents=documents)
        return await asyncio.to_thread(refuse)
