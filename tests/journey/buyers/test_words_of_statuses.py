"""A buyer is told of every status that a parcel can have, in each language."""

from pathlib import Path

import pytest

import serai.portal.track.words
from serai.model.frames import STATUSES
from serai.portal.track.words import track_words

LANGUAGES = sorted(
    path.stem.removeprefix("track-")
    for path in (Path(serai.portal.track.words.__file__).parent / "messages").glob("track-*.yaml")
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_status_has_words(language: str) -> None:
    assert set(track_words(language).statuses) == set(STATUSES)
