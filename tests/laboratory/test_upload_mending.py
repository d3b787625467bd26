"""Cells corrected in the page: each edit in its cell, and everything else of the file as it was."""

from hypothesis import given, settings
from hypothesis import strategies as st

from serai.formats.csv_lines import read_table
from serai.portal.upload.mend_form import read_edits, read_opened
from serai.portal.upload.mending import EVERY_ROW, LEFT_OUT, Edits, mend
from serai.portal.upload.rows_to_mend import ROWS_SHOWN_MAX, MendRow, ToMend, rows_to_mend
from tests.laboratory.test_upload import HEADER, faults_of, read, row, sheet_of

QUANTITY = HEADER.split(",").index("quantity")
NAME = HEADER.split(",").index("consignee.name")


def form_of(content: bytes, *opened: int) -> ToMend:
    return rows_to_mend(read(content), frozenset(opened), "en")


def typed(form: ToMend, **changes: str) -> list[tuple[str, str]]:
    """What a browser sends of a form: every field, some of them changed."""
    shown = {cell.field: cell.text for one in form.rows for cell in one.cells}
    return list((shown | {name.replace("_", "-"): text for name, text in changes.items()}).items())


def sent(content: bytes, pairs: list[tuple[str, str]]) -> bytes:
    return mend(read_table([content]), read_edits(pairs))


def columns_of(one: MendRow) -> list[str]:
    return [cell.column for cell in one.cells]


def test_a_form_shows_faulty_cells_of_faulty_rows_alone_and_the_others_when_asked() -> None:
    content = sheet_of(row("A-1"), row("A-2", quantity="two", invoice_amount="25,00"))

    (one,) = form_of(content).rows
    (whole,) = form_of(content, 3).rows

    assert (one.row, one.name, columns_of(one)) == (3, "A-2", ["quantity", "invoice_amount"])
    assert [(cell.text, cell.before) for cell in one.cells] == [("two", ""), ("25.00", "25,00")]
    assert one.hidden_count == 17
    assert (columns_of(whole), whole.hidden_count) == (HEADER.split(","), 0)


def test_what_is_typed_stands_in_its_cell_and_every_other_byte_is_as_it_was() -> None:
    content = sheet_of(
        row("A-1", description='Shirt, "blue"'), row("A-2", quantity="two"), row("A-3", quantity="x")
    )

    mended = sent(content, typed(form_of(content), c_3_14="2"))

    before, after = content.splitlines(), mended.splitlines()
    assert [place for place, line in enumerate(after) if line != before[place]] == [2]
    assert after[2] == before[2].replace(b",two,", b",2,")
    assert [fault[:2] for fault in faults_of(read(mended))] == [(4, "quantity")]


def test_a_form_sent_as_it_was_shown_changes_only_what_was_certain() -> None:
    content = sheet_of(row("A-1", quantity=" two "), row("A-2", invoice_amount="25,00"), "", row("A-3"))

    mended = sent(content, typed(form_of(content, 2, 3)))

    assert mended == content.replace(b'"25,00"', b"25.00")


def test_a_row_whose_quote_never_closes_is_shown_whole_and_written_anew() -> None:
    broken = row("A-2").replace("T-shirt", '"T-shirt')
    content = sheet_of(row("A-1"), broken, row("A-3", quantity="two"))

    form = form_of(content)
    mended = sent(content, typed(form, c_4_14="2"))
    left = sent(content, [("c-4-14", "2")])

    assert [one.row for one in form.rows] == [3, 4]
    assert columns_of(form.rows[0]) == HEADER.split(",")
    assert len(read(mended).sound) == 3
    # What nobody has looked at stays as it came.
    assert left.splitlines()[2] == broken.encode()


def test_an_edit_leaves_a_neighbour_in_a_wrong_encoding_as_it_is() -> None:
    latin = row("A-1", quantity="two", consignee__name="Zoë").encode("latin-1")
    content = HEADER.encode() + b"\n" + latin + b"\n"

    mended = sent(content, [(f"c-2-{QUANTITY}", "2")])
    whole = sent(mended, [(f"c-2-{NAME}", "Zoë")])

    assert mended == content.replace(b",two,", b",2,")
    assert [one.consignee.name for one in read(whole).sound] == ["Zoë"]


def test_names_of_columns_are_corrected_left_out_and_added() -> None:
    header = HEADER.replace("quantity", "quantty").replace("gross_mass_kg", "note").encode()
    content = sheet_of(row("A-1"), row("A-2")).replace(HEADER.encode(), header)

    (one,) = form_of(content).rows
    fields = {cell.column: cell for cell in one.cells}
    added = f"a-{EVERY_ROW}-gross_mass_kg"
    pairs = [*typed(form_of(content)), (fields["note"].field, LEFT_OUT), (added, "0.150")]
    mended = sent(content, pairs)

    assert (one.row, fields["quantty"].text) == (1, "quantity")
    assert "gross_mass_kg" in fields
    assert mended.splitlines()[0].decode().split(",") == HEADER.split(",")
    assert [item.gross_mass_kg for one in read(mended).sound for item in one.goods_items] == ["0.150"] * 2


def test_a_cell_of_a_column_that_the_file_has_not_is_asked_for_in_its_row() -> None:
    short = HEADER.replace(",consignee.country_code", "")
    lines = [one.replace(",IE,", ",") for one in (row("A-1"), row("A-2"))]
    content = "\n".join([short, *lines]).encode()

    form = form_of(content)
    mended = sent(content, [("a-2-consignee.country_code", "IE"), ("a-3-consignee.country_code", "FR")])

    assert {cell.column for one in form.rows for cell in one.cells} == {"consignee.country_code"}
    assert [one.consignee.country_code for one in read(mended).sound] == ["IE", "FR"]


def test_a_large_file_shows_its_first_faulty_rows_and_says_how_many_more() -> None:
    lines = [row(f"A-{number}", quantity="two", invoice_amount="1,50") for number in range(50)]

    form = form_of(sheet_of(*lines))

    assert [one.row for one in form.rows] == list(range(2, 2 + ROWS_SHOWN_MAX))
    assert (form.more_count, form.sure_count) == (30, 30)


def test_fields_of_nobody_and_columns_nobody_knows_are_left_out() -> None:
    pairs = [
        ("c-3-x", "1"),
        ("c-99999999-1", "1"),
        ("n-1", "no_such_column"),
        ("a-0-no_such_column", "1"),
        ("c-٣-1", "1"),
    ]

    assert read_edits(pairs) == Edits({}, {}, {})
    assert read_opened([("open", "3"), ("opened", "1,x,2"), ("other", "9")]) == {1, 2, 3}


@settings(max_examples=200)
@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=8), max_size=4),
        max_size=5,
    ),
    st.dictionaries(
        st.tuples(st.integers(2, 6), st.integers(0, 4)), st.text("ab,\"'\n=", max_size=5), max_size=4
    ),
)
def test_rows_without_an_edit_stay_and_edits_are_read_back(
    rows: list[list[str]], edits: dict[tuple[int, int], str]
) -> None:
    lines = [",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in cells) for cells in rows]
    content = "\n".join(["reference,quantity,description", *lines]).encode() + b"\n"
    table = read_table([content])
    wanted = {place: text.strip() for place, text in edits.items()}

    after = read_table([mend(table, Edits(wanted))])

    assert len(after.rows) == len(table.rows)
    for (number, before), (_, cells) in zip(table.rows, after.rows, strict=True):
        own = {place: text for (row_, place), text in wanted.items() if row_ == number}
        if not own:
            assert cells == before
        for place, text in own.items():
            assert (cells[place].strip() if place < len(cells) else "") == text
