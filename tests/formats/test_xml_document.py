"""XML of strangers: what their names leave behind."""

import random
import resource
import string
from pathlib import Path

from serai.formats.ceb.facts import editions_of
from serai.formats.xml_document import local_name, read_xml

_DOCUMENTS_COUNT, _NAMES_COUNT, _NAME_LENGTH = 300, 1_000, 40


def test_names_that_senders_make_up_leave_nothing_behind() -> None:
    draw = random.Random(1)
    read_names(draw, 10)
    before_bytes = resident_bytes()

    read_names(draw, _DOCUMENTS_COUNT)

    # The names alone are 12 MB; kept with their entries they took 18 MB.
    assert resident_bytes() - before_bytes < 6 << 20


def read_names(draw: random.Random, documents_count: int) -> None:
    """Read documents whose elements have names that no document before had."""
    for _ in range(documents_count):
        names = ("".join(draw.choices(string.ascii_letters, k=_NAME_LENGTH)) for _ in range(_NAMES_COUNT))
        root, findings = read_xml(f"<r>{''.join(f'<{name}/>' for name in names)}</r>".encode())
        assert root is not None
        assert findings == []


def resident_bytes() -> int:
    """Return the resident memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def test_a_document_outlives_the_thread_it_was_read_in() -> None:
    root, _ = read_xml(b'<a xmlns="urn:x"><b>1</b><b>2</b></a>')
    other, _ = read_xml(b'<c xmlns="urn:x"/>')
    assert root is not None
    assert other is not None

    other.append(root[0])

    assert [local_name(one) for one in (root, *root, *other)] == ["a", "b", "b"]
    assert (root[0].text, other[0].text) == ("2", "1")


def test_a_long_name_is_read_as_any_other() -> None:
    root, _ = read_xml(f'<{"n" * 5_000} xmlns="urn:x"/>'.encode())

    assert local_name(root) == "n" * 5_000


def test_a_message_nobody_knows_has_no_edition() -> None:
    assert editions_of("Made-up") == ()
