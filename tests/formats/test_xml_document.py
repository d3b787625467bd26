"""XML of strangers: what their names leave behind."""

import multiprocessing
import random
import resource
import string
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from serai.formats.ceb.facts import editions_of
from serai.formats.xml_document import Reader, local_name, read_xml

_DOCUMENTS_COUNT, _NAMES_COUNT, _NAME_LENGTH = 300, 1_000, 40


@pytest.mark.in_turn
def test_names_that_senders_make_up_leave_nothing_behind() -> None:
    # In a process of its own: what other tests kept and let go moves this memory by more than the names.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as alone:
        left_bytes = alone.submit(bytes_left_behind).result()

    # The names alone are 12 MB; kept with their entries they took 18 MB.
    assert left_bytes < 6 << 20


def bytes_left_behind() -> int:
    """Return by how much this process grows while it reads names that no document had before."""
    draw = random.Random(1)
    read_names(draw, 10)
    before_bytes = resident_bytes()
    read_names(draw, _DOCUMENTS_COUNT)
    return resident_bytes() - before_bytes


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


@pytest.mark.parametrize("name", [b"xmlns", b"xmlns:p", b"xmlns:" + b"p" * 199])
@pytest.mark.parametrize("around", [b"=", b" = ", b"\n=\n"])
@pytest.mark.parametrize("quote", [b'"', b"'"])
def test_a_namespace_may_have_a_thousand_characters(name: bytes, around: bytes, quote: bytes) -> None:
    def root(length: int) -> bytes:
        return b"<a " + name + around + quote + b"n" * length + quote + b"/>"

    longest, longer = read_xml(root(1_000)), read_xml(root(1_001))

    assert longest[1] == []
    assert [one.code for one in longer[1]] == ["too-long"]


@pytest.mark.parametrize(
    "hidden", [b"xmlns" + b" " * 300 + b"=", b"xmlns=" + b" " * 300, b"xmlns:" + b"p" * 300 + b"="]
)
def test_a_long_namespace_does_not_hide_behind_blanks_or_a_long_prefix(hidden: bytes) -> None:
    _, findings = read_xml(b"<a " + hidden + b'"' + b"n" * 100_000 + b'"/>')

    assert [one.code for one in findings] == ["too-long"]


def test_a_message_has_256_prefixes_and_no_more_however_often_they_stand() -> None:
    def message(count: int) -> bytes:
        declared = b"".join(b' xmlns:p%d="urn:%d"' % (number, number) for number in range(count))
        return b"<a>" + b"<b%b/>" % declared * 2 + b"</a>"

    assert read_xml(message(256))[1] == []
    assert [one.code for one in read_xml(message(257))[1]] == ["too-many"]


def test_words_about_namespaces_are_text() -> None:
    text = b"xmlns is said here, and xmlns:p too; " * 500

    assert read_xml(b"<a>" + text + b"</a>")[1] == []


def test_a_step_of_a_path_is_never_long() -> None:
    root, _ = read_xml(b"<a><" + b"b" * 40_000 + b">1</" + b"b" * 40_000 + b"></a>")

    assert Reader.of_root(root).unread() == ["/a/" + "b" * 64]
