"""Limits of matching are dated data of packs."""

import datetime as dt

import msgspec

from serai.journey.linking.matching_law import matching_on
from serai.law.load import decode_pack
from serai.law.pack import Matching, Pack
from tests.law.packs import shipped_files


def shipped() -> Pack:
    return decode_pack(shipped_files()["SCREENING/pack.yaml"], "SCREENING/pack.yaml")


def limit(joined_score_ppm: int, **changes: object) -> Matching:
    return msgspec.structs.replace(shipped().matching[0], joined_score_ppm=joined_score_ppm, **changes)


def test_limits_lie_over_every_law_with_a_source() -> None:
    found = matching_on([shipped()], "post", 20_600)

    assert found is not None
    assert found.source in shipped().sources


def test_a_law_s_own_limits_go_before_what_lies_over_it_and_a_channel_before_all() -> None:
    of_all, of_post = limit(960_000), limit(970_000, channels=["post"])
    law = msgspec.structs.replace(shipped(), matching=[of_all, of_post])

    assert matching_on([law, shipped()], "post", 20_600) is of_post
    assert matching_on([law, shipped()], "express", 20_600) is of_all


def test_limits_hold_on_their_days_only() -> None:
    ended = limit(960_000, valid_to=dt.date(2026, 1, 1))
    law = msgspec.structs.replace(shipped(), matching=[ended])

    assert matching_on([law], "post", (dt.date(2025, 12, 31) - dt.date(1970, 1, 1)).days) is ended
    assert matching_on([law], "post", (dt.date(2026, 1, 1) - dt.date(1970, 1, 1)).days) is None
