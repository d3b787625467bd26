"""A Parquet file that was asked for, written table by table."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from serai.laboratory.output_file import writing_to


class ParquetOutput:
    """A Parquet file that grows by one table after the other, so that memory holds one at a time.

    Raises SeraiError `output-unwritable`.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._path = path
        with writing_to(path):
            self._writer = pq.ParquetWriter(path, schema, compression="zstd")

    def add(self, table: pa.Table) -> None:
        """Add rows, as a row group of their own."""
        with writing_to(self._path):
            self._writer.write_table(table)

    def close(self) -> None:
        """Write the end of the file."""
        with writing_to(self._path):
            self._writer.close()
