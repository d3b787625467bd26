"""Every reader and checker of bytes that come from others, each as one function: was it taken, or refused?"""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from serai.evidence.receipt import verify_receipt
from serai.formats.convertible import Circumstances, Convertible
from serai.formats.csv_rows import read_csv
from serai.formats.decoded import FINDINGS_MAX, KINDS
from serai.formats.epcis.read import read_message
from serai.formats.epcis.read_apart import read_events_apart
from serai.formats.epcis.url_query import read_url_query
from serai.formats.ics.read import decode_entry_summary
from serai.formats.ics.replies import read_reply
from serai.formats.json_lines import decode_lines, decode_to_read
from serai.formats.standard import Check
from serai.formats.standards import CHECKS, CONVERSIONS
from serai.formats.tariff_files.reading import Form, TariffFile, read_groups, read_tariff
from serai.formats.wco_dec import decode_dec
from serai.formats.wco_dec_amend import amend_dec
from serai.formats.wco_res_read import decode_res
from serai.foundation.archive import read_archive
from serai.foundation.jws import read_compact
from serai.journey.finding_messages import sentence_of
from serai.journey.law_in_force.list_files import ListKind, read_list
from serai.law.load import find_pack_faults
from serai.model.errors import SeraiError
from serai.model.findings import Finding

from tools.campaign.mutation import Shape
from tools.campaign.samples import SIGNER, receipts, samples_of, signed_quotes
from tools.campaign.zipped import zipped

_ZONE: Final = ZoneInfo("Europe/London")
_TOLD: Final = dt.datetime(2026, 6, 20, 9, tzinfo=dt.UTC)
_UNSAID: Final = "Finding "


class UntoldError(Exception):
    """A reader answered with something that nobody can read: an answer without findings, a code unsaid."""


class Reader(NamedTuple):
    """A reader under trial. read: bytes to whether they were taken; raises SeraiError where it says it may.

    samples: sound, to be spoilt. is_raising: whether a SeraiError is an answer.
    """

    name: str
    shape: Shape
    samples: Callable[[], tuple[bytes, ...]]
    read: Callable[[bytes], bool]
    is_raising: bool = False

    def reads_quietly(self, content: bytes) -> bool:
        """Say whether bytes were taken; also where that they were not is told by an error."""
        try:
            return self.read(content)
        except (SeraiError, UntoldError):
            return False


def readers() -> dict[str, Reader]:
    """List the readers by name."""
    return {one.name: one for one in (*_of_our_forms(), *_of_standards(), *_of_files())}


def _of_our_forms() -> Iterable[Reader]:
    for kind, struct in KINDS.items():
        yield Reader(f"json {kind}", "json", _samples(kind), _lines(struct))
    consignment = KINDS["declaration"]
    yield Reader("ndjson", "json", _samples("ndjson"), _many_lines(consignment))
    yield Reader("csv", "lines", _samples("csv"), _csv)
    yield Reader("wco-dec", "xml", _samples("wco-dec"), _pair(decode_dec))
    yield Reader("wco-dec amendment", "xml", _samples("wco-dec"), _amendment)
    yield Reader("wco-res", "xml", _samples("cds"), _pair(decode_res))


def _of_standards() -> Iterable[Reader]:
    for name, checker in CHECKS.items():
        shape = _shape_of(samples_of(name)[0])
        for edition in checker.editions or ("",):
            yield Reader(f"check {name} {edition}".strip(), shape, _samples(name), _check(checker, edition))
    for converter, form in CONVERSIONS.items():
        sample = _SAMPLES_OF_CONVERTERS.get(converter, converter)
        yield Reader(
            f"convert {converter}",
            _shape_of(samples_of(sample)[0]) if converter != "csv" else "lines",
            _samples(sample),
            _convert(form, form.reads[0]),
        )
    yield Reader("epcis json", "json", lambda: _only(samples_of("epcis"), b"{"), _pair(read_message))
    yield Reader("epcis xml", "xml", lambda: _only(samples_of("epcis"), b"<"), _pair(read_message))
    yield Reader("epcis events", "json", lambda: _only(samples_of("epcis"), b"{"), _events_apart)
    yield Reader("epcis query", "lines", _queries, _url_query)
    yield Reader("ics entry summary", "xml", _samples("ics"), _pair(_entry_summary))
    yield Reader("ics reply", "xml", _samples("ics"), _pair(read_reply))


_SAMPLES_OF_CONVERTERS: Final = {
    "json": "declaration",
    "epcis-json": "epcis",
    "epcis-xml": "epcis",
    "ceb-export": "ceb",
}


def _of_files() -> Iterable[Reader]:
    forms: tuple[tuple[Form, str, Shape], ...] = (
        ("taric-csv", "tariff-taric.csv", "lines"),
        ("taric-xml", "tariff-taric.xml", "xml"),
        ("hts-csv", "tariff-hts.csv", "lines"),
        ("hts-json", "tariff-hts.json", "json"),
        ("plain-csv", "tariff-plain.csv", "lines"),
    )
    for form, sample, shape in forms:
        yield Reader(f"tariff {form}", shape, _samples(sample), _tariff(form), is_raising=True)
    lists: tuple[tuple[ListKind, str, Shape], ...] = (
        ("denied-parties", "denied-parties.csv", "lines"),
        ("denied-parties", "denied-parties-un.xml", "xml"),
        ("scheme-register", "scheme-register.csv", "lines"),
        ("exchange-rates", "exchange-rates.csv", "lines"),
        ("tariff", "tariff.csv", "lines"),
    )
    for kind, sample, shape in lists:
        yield Reader(f"list {sample}", shape, _samples(sample), _list(kind, sample), is_raising=True)
    yield Reader("origin groups", "lines", _samples("origin-groups.csv"), _groups, is_raising=True)
    yield Reader("law pack", "lines", _samples("law-pack"), _law_pack)
    yield Reader("receipt", "json", receipts, _receipt)
    yield Reader("signed quote", "lines", signed_quotes, _quote)
    yield Reader("zip archive", "lines", _archives, _archive, is_raising=True)


def _samples(name: str) -> Callable[[], tuple[bytes, ...]]:
    return lambda: samples_of(name)


def _shape_of(sample: bytes) -> Shape:
    match sample.lstrip(b"\xef\xbb\xbf \r\n\t")[:1]:
        case b"<":
            return "xml"
        case b"{":
            return "json"
        case _:
            return "lines"


def _only(samples: tuple[bytes, ...], begin: bytes) -> tuple[bytes, ...]:
    return tuple(one for one in samples if one.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == begin)


def _is_sound(findings: Iterable[Finding], render: Callable[[Finding], Any] | None = None) -> bool:
    """Say whether findings keep nothing out; each must have its sentence. Raises UntoldError."""
    found = list(findings)
    if len(found) > FINDINGS_MAX + 1:
        raise UntoldError(f"{len(found)} findings")
    for one in found:
        said = (render(one) if render else None) or sentence_of(one)
        if said.sentence.startswith(_UNSAID) or not said.remedy:
            raise UntoldError(f"the code {one.code} has no sentence")
        if "not stated)" in said.sentence + said.remedy:
            raise UntoldError(f"a parameter of {one.code} is missing: {said.sentence}")
    return all(one.severity != "fault" for one in found)


def _lines(kind: Any) -> Callable[[bytes], bool]:
    def read(content: bytes) -> bool:
        decoded = decode_lines([content], kind)
        return _agrees(decoded.documents[0] is not None, decoded.findings[0])

    return read


def _many_lines(kind: Any) -> Callable[[bytes], bool]:
    def read(content: bytes) -> bool:
        lines = content.split(b"\n")
        decoded, again = decode_lines(lines, kind), decode_to_read(lines, kind)
        if decoded.documents != again.documents or decoded.findings != again.findings:
            raise UntoldError("the two ways to read lines differ")
        pairs = zip(decoded.documents, decoded.findings, strict=True)
        return bool(sum(_agrees(document is not None, findings) for document, findings in pairs))

    return read


def _agrees(is_read: bool, findings: Iterable[Finding]) -> bool:
    """Say whether it was read; a document with faults, or none without, is a fault of the reader."""
    is_sound = _is_sound(findings)
    if is_read != is_sound:
        raise UntoldError("read with faults" if is_read else "not read, and nothing is said")
    return is_read


def _csv(content: bytes) -> bool:
    return bool(sum(_agrees(one.document is not None, one.findings) for one in read_csv([content])))


def _pair(read: Callable[[bytes], tuple[Any | None, list[Finding]]]) -> Callable[[bytes], bool]:
    def read_one(content: bytes) -> bool:
        document, findings = read(content)
        return _agrees(document is not None, findings)

    return read_one


def _entry_summary(content: bytes) -> tuple[Any | None, list[Finding]]:
    return decode_entry_summary(content, office_zone=_ZONE)


def _amendment(content: bytes) -> bool:
    original = samples_of("wco-dec")[0]
    document, findings = amend_dec(original, content)
    other, faults = amend_dec(content, original)
    _agrees(other is not None, faults)
    return _agrees(document is not None, findings)


def _check(checker: Check, edition: str) -> Callable[[bytes], bool]:
    chosen = {"edition": edition} if edition else {}
    return lambda content: _is_sound(checker.find(content, **chosen), checker.render)


def _convert(form: Convertible, kind: str) -> Callable[[bytes], bool]:
    told = Circumstances(_TOLD, _ZONE, kind)

    def read(content: bytes) -> bool:
        parts = form.read(content, told)
        are_sound = [_is_sound(part.findings) for part in parts]
        documents = [part.document for part in parts if part.document is not None and part.kind == kind]
        if form.write and documents:
            try:
                form.write(documents[: form.documents_max], told)
            except SeraiError:
                # What a form cannot hold is told, not written.
                return all(are_sound)
        return all(are_sound)

    return read


def _events_apart(content: bytes) -> bool:
    apart = read_events_apart(content)
    parts = [_agrees(part.event is not None, part.findings) for part in apart.parts]
    return _is_sound(apart.around) and all(parts)


def _queries() -> tuple[bytes, ...]:
    return (
        b"EQ_bizStep=shipping|arriving\nGE_eventTime=2026-01-01T00:00:00Z\neventType=ObjectEvent",
        b"MATCH_anyEPC=urn:epc:id:sgtin:*\nLT_recordTime=2027-01-01T00:00:00+02:00\nperPage=5",
    )


def _url_query(content: bytes) -> bool:
    text = content.decode("utf-8", "replace").replace("\n", "&")
    query, findings = read_url_query(parse_qsl(text, keep_blank_values=True, max_num_fields=None))
    return _agrees(query is not None, findings)


def _tariff(form: Form) -> Callable[[bytes], bool]:
    def read(content: bytes) -> bool:
        file = TariffFile(content, "file", form, {}, dt.date(2026, 1, 1))
        outcomes = list(read_tariff(file, "GBP", []))
        refused = [one for one in outcomes if one.outcome == "refused"]
        if any(not one.reason or not one.next_step for one in refused):
            raise UntoldError("a row was refused without a word")
        return not refused

    return read


def _list(kind: ListKind, name: str) -> Callable[[bytes], bool]:
    return lambda content: bool(read_list(kind, name, content))


def _groups(content: bytes) -> bool:
    return bool(read_groups(content, "file"))


def _law_pack(content: bytes) -> bool:
    faults = find_pack_faults(content, "pack.yaml")
    if any(not one.message or not one.next_step for one in faults):
        raise UntoldError("a fault of a pack is not said")
    return not faults


def _receipt(content: bytes) -> bool:
    return verify_receipt(content, SIGNER.public_key).is_genuine


def _quote(content: bytes) -> bool:
    taken = read_compact(content.decode("utf-8", "replace"))
    return taken is not None and taken.is_signed_by(SIGNER.public_key)


def _archives() -> tuple[bytes, ...]:
    return (zipped({"EU-2026/pack.yaml": samples_of("law-pack")[0], "EU-2026/tariff.csv": b"a,b\n1,2\n"}),)


def _archive(content: bytes) -> bool:
    return bool(read_archive(content))
