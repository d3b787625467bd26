"""Numbers and times as people read them; shares as they are drawn; which form and language is chosen."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serai.foundation.http.charts import WIDTH, bar_lengths, share_segments
from serai.foundation.http.negotiation import HTML, JSON, choose_language, choose_media_type
from serai.foundation.http.respond import own_cookie
from serai.foundation.http.wording import local_time_text, money_text, rate_text, share_text, time_left_text
from tests.foundation_http.support import AT

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def _plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("\u2212", "-")


@pytest.mark.parametrize(
    ("amount_minor", "currency", "text"),
    [
        (1429, "EUR", "EUR 14.29"),
        (6129015, "EUR", "EUR 61,290.15"),
        (1500, "JPY", "JPY 1,500"),
        (1234, "BHD", "BHD 1.234"),
        (-5, "EUR", "EUR -0.05"),
        (0, "GBP", "GBP 0.00"),
    ],
)
def test_money_has_the_places_of_its_currency(amount_minor: int, currency: str, text: str) -> None:
    assert _plain(money_text(amount_minor, currency)) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 0, "0 %"),
        (0, 5, "0 %"),
        (1, 100_000, "< 0.1 %"),
        (63, 100_014, "0.1 %"),
        (1600, 100_014, "1.6 %"),
        (91_012, 100_014, "91 %"),
        (6021, 6033, "99.8 %"),
        (99_999, 100_000, "99.9 %"),
        (5, 5, "100 %"),
    ],
)
def test_share_is_never_rounded_to_all_or_nothing(part: int, whole: int, text: str) -> None:
    assert _plain(share_text(part, whole)) == text


def test_rate_shows_all_its_places() -> None:
    assert [_plain(rate_text(rate_ppm)) for rate_ppm in (120_000, 125_000, 1, 0)] == [
        "12 %",
        "12.5 %",
        "0.0001 %",
        "0 %",
    ]


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (timedelta(seconds=48), "48 s"),
        (timedelta(minutes=41), "41 min"),
        (timedelta(hours=3, minutes=5), "3 h 05 min"),
        (timedelta(days=2, hours=4), "2 days 4 h"),
        (timedelta(days=1), "1 day"),
        (timedelta(minutes=-41), "41 min ago"),
    ],
)
def test_time_left_has_two_units_and_says_when_it_is_over(left: timedelta, text: str) -> None:
    assert _plain(time_left_text(AT + left, AT)) == text


def test_time_says_where_it_is_local() -> None:
    assert _plain(local_time_text(AT, "Asia/Ho_Chi_Minh")) == "25 Nov 2026, 20:02 (Ho Chi Minh)"


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=9))
def test_shares_fill_the_bar_exactly_and_none_is_lost(counts: list[int]) -> None:
    segments = share_segments([(str(index), count) for index, count in enumerate(counts)])

    assert len(segments) == sum(count > 0 for count in counts)
    assert sum(segment.width for segment in segments) == (WIDTH if any(counts) else 0)
    assert all(segment.width > 0 for segment in segments)
    assert all(one.x + one.width == other.x for one, other in pairwise(segments))


@given(st.lists(st.integers(0, 10**12), max_size=9))
def test_longest_bar_is_full_and_small_ones_are_seen(values: list[int]) -> None:
    lengths = bar_lengths(values)

    assert [length > 0 for length in lengths] == [value > 0 for value in values]
    assert max(lengths, default=0) in {0, WIDTH}


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", JSON),
        ("*/*", JSON),
        (BROWSER, HTML),
        ("application/json", JSON),
        ("application/problem+json", JSON),
        ("text/html;q=0.4, application/json;q=0.5", JSON),
        ("text/*", HTML),
        ("*/*, application/json;q=0", HTML),
        ("text/html;q=nonsense", None),
        ("image/png", None),
    ],
)
def test_form_of_answer_is_the_one_that_is_wished_for(accept: str, chosen: str | None) -> None:
    assert choose_media_type(accept, (JSON, HTML)) == chosen


def test_language_is_chosen_by_wish_and_falls_back_to_the_first() -> None:
    assert choose_language("ar-EG;q=0.9, fr", ("en", "ar")) == "ar"
    assert choose_language("fr", ("en", "ar")) == "en"


def test_cookie_goes_by_https_only_where_there_is_https() -> None:
    assert "secure" in own_cookie("a", "b", has_https=True).to_header().lower()
    assert "secure" not in own_cookie("a", "b", has_https=False).to_header().lower()


def test_figures_are_written_as_each_language_writes_them() -> None:
    said = {
        language: _plain(money_text(6129015, "EUR", language=language))
        for language in ("en", "fr", "es", "ar", "zh", "ru")
    }

    assert said == {
        "en": "EUR 61,290.15",
        "fr": "EUR 61 290,15",
        "es": "EUR 61.290,15",
        "ar": "EUR 61,290.15",
        "zh": "EUR 61,290.15",
        "ru": "EUR 61 290,15",
    }


@pytest.mark.parametrize(
    ("days", "said"), [(1, "1 день"), (2, "2 дня"), (5, "5 дней"), (21, "21 день"), (22, "22 дня")]
)
def test_number_of_days_has_the_form_of_its_language(days: int, said: str) -> None:
    assert _plain(time_left_text(AT + timedelta(days=days), AT, language="ru")) == said
