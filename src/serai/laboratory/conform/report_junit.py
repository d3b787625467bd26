"""A report as JUnit XML, as build servers read it: a suite for each standard, a class for each rule."""

from lxml import etree

from serai.laboratory.conform.outcomes import Report

_NOT_XML = {code: None for code in range(32) if chr(code) not in "\t\n\r"}


def write_junit(report: Report) -> bytes:
    """Write the report; nothing in it was measured, so there are no times."""
    counts = {"failures": str(report.failed_count), "skipped": str(report.skipped_count)}
    total = report.passed_count + report.failed_count + report.skipped_count
    root = etree.Element("testsuites", name="serai conform", tests=str(total), **counts)
    for standard in report.standards:
        outcomes = [one for rule in standard.rules for one in rule.cases]
        suite = etree.SubElement(
            root,
            "testsuite",
            name=standard.standard,
            tests=str(len(outcomes)),
            failures=str(sum(one.state == "failed" for one in outcomes)),
            skipped=str(sum(one.state == "skipped" for one in outcomes)),
            errors="0",
            timestamp=report.at,
        )
        for one in outcomes:
            case = etree.SubElement(
                suite, "testcase", classname=f"{one.standard}.{one.rule}", name=_plain(one.case)
            )
            text = _plain("\n".join(one.why))
            if one.state == "failed":
                etree.SubElement(case, "failure", message=_plain(one.says)).text = text
            elif one.state == "skipped":
                etree.SubElement(case, "skipped", message=text)
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True))


def _plain(text: str) -> str:
    """Take out what XML cannot hold: an answer may have had anything in it."""
    return text.translate(_NOT_XML).encode("utf-8", "replace").decode()
