"""XML of strangers is parsed in threads that end: what lxml remembers of it ends with them.

lxml keeps each name, namespace and run of blanks it has met in a dictionary of the thread, for as long as the
thread lives: senders of ever new names would fill the memory (docs/reference/campaigns.md has what grew). A
thread of its own for each document costs some 100 µs, one that is used again some 35 µs.
"""

import _thread
from typing import Any, Final

from lxml import etree

_THREAD_BYTES_MAX: Final = 1024 * 1024
"""A thread that has parsed so much is not used again: its dictionary may hold about as much."""
_IDLE_COUNT_MAX: Final = 4


class _ParsingThread:
    """Parses one document after another, each for whoever holds it."""

    def __init__(self) -> None:
        self.parsed_bytes = 0
        self._content: bytes | None = None
        self._outcome: Any = None
        self._is_asked = _thread.allocate_lock()
        self._is_done = _thread.allocate_lock()
        self._is_asked.acquire()
        self._is_done.acquire()
        _thread.start_new_thread(self._run, ())

    def parse(self, content: bytes) -> Any:
        """Return the root element or the fault."""
        self.parsed_bytes += len(content)
        self._content = content
        self._is_asked.release()
        self._is_done.acquire()
        outcome, self._outcome, self._content = self._outcome, None, b""
        return outcome

    def end(self) -> None:
        """Let the thread go."""
        self._content = None
        self._is_asked.release()

    def _run(self) -> None:
        # The encoding is forced: another one could hide a DOCTYPE from a search for it.
        parser = etree.XMLParser(
            encoding="utf-8",
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        while True:
            self._is_asked.acquire()
            if self._content is None:
                return
            try:
                self._outcome = etree.fromstring(self._content, parser)
            except BaseException as fault:  # noqa: BLE001 - raised again where it is waited for
                self._outcome = fault
            self._is_done.release()


# Taken out and put back whole, so no two callers ever share one.
_idle: list[_ParsingThread] = []


def parse_apart(content: bytes) -> Any:
    """Parse bytes that others sent, without DOCTYPE; return the root element or the XMLSyntaxError."""
    try:
        thread = _idle.pop()
    except IndexError:
        thread = _ParsingThread()
    outcome = thread.parse(content)
    if thread.parsed_bytes < _THREAD_BYTES_MAX and len(_idle) < _IDLE_COUNT_MAX:
        _idle.append(thread)
    else:
        thread.end()
    if isinstance(outcome, BaseException) and not isinstance(outcome, etree.XMLSyntaxError):
        raise outcome
    return outcome
