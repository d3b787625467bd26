"""The message as the page shows it: numbered lines, each with what was found on it."""

import msgspec

from serai.foundation.http.interface_words import translatable
from serai.foundation.http.problem_texts import text_in
from serai.laboratory.message_check.checked import CheckedFinding, CheckedMessage
from serai.model.message_text import MessageText

LINES_AROUND = 2
LINE_CHARACTERS_MAX = 300
_LINES_MAX = 600


class ShownLine(msgspec.Struct, frozen=True):
    """A line of the message. is_after_gap: lines that have nothing to tell were left out before it."""

    number: int
    text: str
    findings: list[CheckedFinding]
    is_after_gap: bool


class MessageView(msgspec.Struct, frozen=True):
    """title: the state of affairs. lines: those with findings and some around. elsewhere: of no line."""

    title: str
    checked: CheckedMessage
    lines: list[ShownLine]
    elsewhere: list[CheckedFinding]


def view_message(content: bytes, checked: CheckedMessage, language: str) -> MessageView:
    """Lay the findings beside the lines they stand on. language: of the title."""
    texts = content.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    by_line: dict[int, list[CheckedFinding]] = {}
    elsewhere = []
    for finding in checked.findings:
        if 0 < finding.line <= len(texts):
            by_line.setdefault(finding.line, []).append(finding)
        else:
            elsewhere.append(finding)
    return MessageView(text_in(_title(checked), language), checked, _lines(texts, by_line), elsewhere)


def _lines(texts: list[str], by_line: dict[int, list[CheckedFinding]]) -> list[ShownLine]:
    wanted = sorted(
        {
            near
            for line in by_line
            for near in range(line - LINES_AROUND, line + LINES_AROUND + 1)
            if 0 < near <= len(texts)
        }
    )[:_LINES_MAX]
    shown, before = [], 0
    for number in wanted:
        text = texts[number - 1]
        cut = text if len(text) <= LINE_CHARACTERS_MAX else f"{text[:LINE_CHARACTERS_MAX]}…"
        shown.append(ShownLine(number, cut, by_line.get(number, []), number != before + 1))
        before = number
    return shown


def _title(checked: CheckedMessage) -> str:
    faults = sum(one.severity == "fault" for one in checked.findings)
    if not faults:
        return translatable("The message is valid")
    return MessageText.counted("{count} fault in the message", "{count} faults in the message", count=faults)
