"""Faults of a folder of law packs: every pack decoded, every composition that can be in force compiled."""

import csv
from collections.abc import Iterable, Mapping, Sequence

from serai.foundation.http.problems import InputFault, InputFaultyError
from serai.law.book import BASE_LAYER, LawBook
from serai.law.library import TERRITORIES, load_book, read_packs
from serai.law.load import decode_table
from serai.law.pack import Pack
from serai.law.program import LawPackError
from serai.law.territory import Territory


class LawFaultyError(InputFaultyError):
    """Packs that cannot be put in force; `errors` names every fault with its file and line."""

    def __init__(self, faults: Sequence[LawPackError]) -> None:
        first = faults[0]
        more = f" And {len(faults) - 1} more." if len(faults) > 1 else ""
        super().__init__(
            tuple(InputFault(one.place, one.code, one.message, one.next_step) for one in faults),
            f"The law in force stays in force, for these packs have faults. {first.message}{more}",
            "Correct them, and see with `serai law check` whether more is wrong.",
        )
        self.code = "law-faulty"


def find_law_faults(files: Mapping[str, bytes]) -> tuple[int, int, list[LawPackError]]:
    """Load and compile the packs of a folder; returns how many are sound, compositions compiled, faults."""
    sound, faults = _decode_each(files)
    compositions = 0
    if TERRITORIES not in files:
        faults.append(
            LawPackError(
                "table-shape", TERRITORIES, "there is no such file.", "Put the tables beside the packs."
            )
        )
    if not faults:
        try:
            compositions = _compile_all(load_book(files), files, faults)
        except LawPackError as fault:
            faults.append(fault)
        except (UnicodeDecodeError, csv.Error) as fault:
            faults.append(LawPackError("table-shape", "a table", f"{fault}."))
    return len(sound), compositions, faults


def _decode_each(files: Mapping[str, bytes]) -> tuple[list[Pack], list[LawPackError]]:
    """Decode pack by pack, so that one faulty file does not hide the next one's fault."""
    sound: list[Pack] = []
    faults: list[LawPackError] = []
    for path in files:
        code, _, name = path.partition("/")
        if name == "pack.yaml":
            try:
                sound.extend(one.pack for one in read_packs({path: files[path]}, [code]))
            except LawPackError as fault:
                faults.append(fault)
    return sound, faults


def _compile_all(book: LawBook, files: Mapping[str, bytes], faults: list[LawPackError]) -> int:
    """Compile each composition once; add its fault to `faults`. Returns how many there are."""
    territories = {
        (row.customs_territory_code, row.tax_territory_code)
        for row in decode_table(files[TERRITORIES], Territory, TERRITORIES)
    }
    seen = dict.fromkeys(book.compositions(territories))
    # What no day brings into force is compiled as it would stand on its first day.
    packs = [one.pack for one in book.packs.values()]
    compiled = {code for codes in seen for code in codes}
    for pack in packs:
        if pack.layer == BASE_LAYER and pack.code not in compiled:
            seen[_with_layers(pack, packs, territories)] = None
    for codes in seen:
        try:
            book.program_number(codes)
        except LawPackError as fault:
            faults.append(fault)
    return len(seen)


def _with_layers(
    base: Pack, packs: Iterable[Pack], territories: Iterable[tuple[str, str]]
) -> tuple[str, ...]:
    """Return a base law with the layers of its country and customs union on its first day, whatever their
    status; one for each layer.
    """
    places = {base.jurisdiction} | {customs for customs, tax in territories if tax == base.jurisdiction}
    layers: dict[str, str] = {}
    for pack in packs:
        is_there = pack.valid_from <= base.valid_from and (
            pack.valid_to is None or base.valid_from < pack.valid_to
        )
        if pack.jurisdiction in places and pack.layer != BASE_LAYER and is_there:
            layers.setdefault(pack.layer, pack.code)
    return (base.code, *(code for _, code in sorted(layers.items())))
