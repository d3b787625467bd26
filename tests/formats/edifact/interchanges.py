"""Interchanges for tests: invented, counted right, to be spoilt one way at a time."""

from collections.abc import Iterable

from serai.model.findings import Finding

HEAD = "UNB+UNOC:3+SENDER+SERAI+260630:0900+REF1'"


def interchange(*segments: str, kind: str = "CUSCAR:D:95B:UN", head: str = HEAD) -> bytes:
    """Return an interchange of one message with these segments between UNH and UNT."""
    inner = "".join(f"{one}'" for one in segments)
    return f"{head}UNH+1+{kind}'{inner}UNT+{len(segments) + 2}+1'UNZ+1+REF1'".encode("latin-1")


def codes(findings: Iterable[Finding]) -> list[str]:
    """Return what was found, by code."""
    return [one.code for one in findings]


def faults(findings: Iterable[Finding]) -> list[str]:
    """Return the faults, by code."""
    return [one.code for one in findings if one.severity == "fault"]
