"""What the documents of a case come to, in words."""

import msgspec

from serai.journey.follow import store
from serai.journey.follow.answers import MatchOut
from serai.journey.follow.case_words import read_words
from serai.journey.follow.spoken_decision import Decisions
from serai.model.findings import Finding
from serai.model.frames import MATCH_VERDICTS

_SAID = msgspec.json.Decoder(list[Finding])
_PPM = 1_000_000


def match_out(row: store.CaseMatchRow, decisions: Decisions, language: str) -> MatchOut:
    """Return verdict, score and differences as a viewer reads them."""
    verdict = MATCH_VERDICTS[row.verdict]
    return MatchOut(
        verdict=verdict,
        says=read_words(language).verdicts[verdict],
        score=f"{row.score_ppm // _PPM}.{row.score_ppm % _PPM:06d}",
        matched_at=row.matched_at,
        differences=[decisions.say(one.code, one.pointer, one.parameters) for one in _SAID.decode(row.said)],
        awaited=[decisions.say(code, "", {}) for code in row.awaited],
    )
