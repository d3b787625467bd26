"""What a sender gets back: the file with remarks beside its rows, or the faulty consignments alone."""

from collections.abc import Callable, Mapping
from typing import Final

from serai.model.findings import Finding
from serai.portal.upload.rewriting import Place, rewrite
from serai.portal.upload.sheet import CellFault, Sheet

Render = Callable[[Finding], str]
_AS_IT_CAME_LENGTH_MAX: Final = 32_000
"""As much as a spreadsheet takes into a cell."""


def write_corrected(sheet: Sheet, render: Render) -> bytes:
    """Write a CSV file again: sure corrections in place, remarks in columns of their own.

    render: the sentence and remedy of a finding.
    """
    assert sheet.table is not None, "only CSV has cells"
    remarks = _remarks(sheet, render, sheet.corrected)
    return rewrite(sheet.table, corrected=sheet.corrected, remarks=remarks, broken=sheet.broken)


def write_faulty(sheet: Sheet, render: Render) -> bytes:
    """Write the faulty consignments alone, as they were: rows with remarks, or their lines."""
    if sheet.table is None:
        pairs = zip(sheet.parts, sheet.lines, strict=True)
        return b"".join(line + b"\n" for part, line in pairs if part.is_faulty)
    rows = {row for part in sheet.faulty for row in range(part.first_row, part.last_row + 1)}
    remarks = _remarks(sheet, render, {})
    return rewrite(sheet.table, corrected={}, remarks=remarks, broken=sheet.broken, only=rows)


def _remarks(sheet: Sheet, render: Render, corrected: Mapping[Place, str]) -> dict[int, tuple[str, str]]:
    faults: dict[int, list[CellFault]] = {}
    for one in sheet.faults:
        faults.setdefault(one.row, []).append(one)
    mended: dict[int, list[str]] = {}
    for (row, column), text in corrected.items():
        mended.setdefault(row, []).append(f"{column}: {text}")
    as_it_came = _as_it_came(sheet)
    remarks = {}
    for row, found in faults.items():
        # Said is what is left to mend; what was mended stands in the other column.
        said = [
            f"{one.column}: {render(one.finding)}" if one.column else render(one.finding)
            for one in found
            if (row, one.column) not in corrected
        ]
        if row in as_it_came:
            said.append(f"The row as it came: {as_it_came[row]}")
        remarks[row] = (" | ".join(said), " | ".join(mended.get(row, [])))
    return remarks


def _as_it_came(sheet: Sheet) -> dict[int, str]:
    """Return the text of rows whose cells go out empty, so that nothing of it is lost."""
    table, broken = sheet.table, sheet.broken
    if table is None or not broken:
        return {}
    return {
        number: raw.decode("utf-8", "replace").strip()[:_AS_IT_CAME_LENGTH_MAX]
        for raw, (number, _) in zip(table.raw[1:], table.rows, strict=True)
        if number in broken
    }
