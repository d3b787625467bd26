"""Documents of a CSV file in batches: large ones; of a slow sender what it has sent so far."""

from collections.abc import Iterator
from itertools import islice
from queue import SimpleQueue
from threading import Thread
from typing import Any, BinaryIO, cast

from serai.formats.csv_rows import CsvConsignment, CsvDocument, read_csv_documents
from serai.laboratory.line_blocks import BLOCK_BYTES, is_stored, read_chunk


def read_csv_batches(file: BinaryIO, count_max: int) -> Iterator[list[CsvConsignment]]:
    """Give the consignments of a file, as `read_document_batches` gives any documents."""
    return cast("Iterator[list[CsvConsignment]]", read_document_batches(file, count_max, "declaration"))


def read_document_batches(file: BinaryIO, count_max: int, kind: str) -> Iterator[list[CsvDocument[Any]]]:
    """Give the documents of a file in order, `count_max` at a time; of a pipe what has come so far.

    A document of several rows has ended when a row of the next one is there, or the file ends.
    """
    if is_stored(file):
        rows = read_csv_documents(iter(lambda: file.read(BLOCK_BYTES), b""), kind)
        while batch := list(islice(rows, count_max)):
            yield batch
        return
    for read in _read_as_it_comes(file, kind):
        for begin in range(0, len(read), count_max):
            yield read[begin : begin + count_max]


def _read_as_it_comes(file: BinaryIO, kind: str) -> Iterator[list[CsvDocument[Any]]]:
    """Give what each chunk of a pipe ended.

    `read_csv_documents` asks for the next chunk when it has done with one, in the middle of what it reads. So
    it runs in a thread and stands still there, while we hand on what it has read and wait for the sender.
    """
    given: SimpleQueue[bytes] = SimpleQueue()
    taken: SimpleQueue[tuple[list[CsvDocument[Any]], bool, Exception | None]] = SimpleQueue()

    def work() -> None:
        done: list[CsvDocument[Any]] = []

        def chunks() -> Iterator[bytes]:
            nonlocal done
            while chunk := given.get():
                yield chunk
                taken.put((done, False, None))
                done = []

        fault: Exception | None = None
        try:
            for document in read_csv_documents(chunks(), kind):
                done.append(document)  # noqa: PERF402 - into the list of now: each chunk begins another
        except Exception as raised:  # noqa: BLE001 - whatever it is, it is raised again where it is waited for
            fault = raised
        taken.put((done, True, fault))

    # Not waited for at the end: whoever stops reading before the file ends leaves it where it stands.
    Thread(target=work, name="read-csv", daemon=True).start()
    is_over = False
    while not is_over:
        given.put(read_chunk(file, BLOCK_BYTES))
        done, is_over, fault = taken.get()
        if done:
            yield done
        if fault is not None:
            raise fault
