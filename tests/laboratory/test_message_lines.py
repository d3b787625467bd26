"""On which line of a message a finding stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serai.laboratory.message_check.lines import line_finder
from serai.model.findings import Finding
from tests.costs import costs_at_most

JSON = b"""{
  "reference": "A",
  "goods_items": [
    {"quantity": "1"},
    {
      "quantity": "x, ] }",
      "lists": [[1, 2],
        {"deep": null}]
    }
  ],
  "a/b~c": 1
}"""
XML = b"""<?xml version="1.0"?>
<m:Message xmlns:m="urn:m">
  <Order><Head><no>1</no></Head></Order>
  <Order>
    <Head>
      <no>2</no>
    </Head>
  </Order>
</m:Message>"""


@pytest.mark.parametrize(
    ("content", "form", "pointer", "line"),
    [
        (JSON, "json", "", 1),
        (JSON, "json", "/reference", 2),
        (JSON, "json", "/goods_items/0/quantity", 4),
        (JSON, "json", "/goods_items/1", 5),
        (JSON, "json", "/goods_items/1/quantity", 6),
        (JSON, "json", "/goods_items/1/lists/1/deep", 8),
        (JSON, "json", "/goods_items/1/missing", 5),
        (JSON, "json", "/a~1b~0c", 11),
        (JSON, "json", "/nowhere/at/all", 1),
        (XML, "ceb", "/Message/Order[2]/Head/no", 6),
        (XML, "ceb", "/m:Message[1]/Order[1]/Head[1]", 3),
        (XML, "ceb", "/Message/Order[2]/Head/absent", 5),
        (XML, "ceb", "/Other/Order", 1),
        (b"a,b\n1,2\n", "csv", "row 2, column b", 2),
        (b"a,b\n1,2\n", "csv", "", 0),
        (b"UNB+UNOA", "cuscar", "", 0),
    ],
)
def test_a_pointer_leads_to_its_line(content: bytes, form: str, pointer: str, line: int) -> None:
    finding = Finding("any", pointer)
    assert line_finder(content, form, [finding])(finding) == line


def test_what_is_no_xml_is_told_where_it_breaks() -> None:
    finding = Finding("malformed-xml", "", parameters={"line": "3"})

    assert line_finder(b"<a>\n<b>\n<", "cds", [finding])(finding) == 3


@given(
    content=st.binary(max_size=200),
    pointer=st.text(max_size=40),
    form=st.sampled_from(["json", "cds", "csv"]),
)
def test_no_bytes_and_no_pointer_break_it(content: bytes, pointer: str, form: str) -> None:
    finding = Finding("any", pointer)
    assert line_finder(content, form, [finding])(finding) >= 0


def test_many_children_are_sorted_once() -> None:
    find = line_finder(b"<r>" + b"<a/>" * 100_000 + b"</r>", "cds", [])

    with costs_at_most(cpu_s=2):
        for number in range(200):
            assert find(Finding("any", f"/r/a[{100_000 - number}]")) == 1
