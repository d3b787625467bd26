"""What is said of a quote, in words."""

import msgspec

from serai.journey.finding_messages import sentence_of
from serai.model.findings import Finding


class QuoteRemark(msgspec.Struct, frozen=True):
    """Something true about a quote: that it is honoured, or what stands against it."""

    code: str
    sentence: str
    remedy: str


def remark(code: str, value: str = "") -> QuoteRemark:
    """Return a finding of quotes with its sentence. value: what the sentence names."""
    said = sentence_of(Finding(code, "", "advice", {"value": value} if value else {}))
    return QuoteRemark(code, said.sentence, said.remedy)
