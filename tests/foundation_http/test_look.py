"""The look, as far as it can be computed: contrast, tokens only, both directions, one stylesheet."""

import gzip
import re
from importlib.resources import files

import pytest

from serai.foundation.http.stylesheet import read_stylesheet

STATIC = files("serai").joinpath("web/static")
LANES = ("proceed", "await", "review", "examine", "refuse")
COLOUR = r"--([\w-]+): (#[0-9a-f]{6})"


def _schemes() -> dict[str, dict[str, str]]:
    light_text, dark_text, *_ = STATIC.joinpath("tokens.css").read_text().split("@media")
    light = dict(re.findall(COLOUR, light_text))
    return {"light": light, "dark": light | dict(re.findall(COLOUR, dark_text))}


def _luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _ratio(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_is_legible(scheme: str) -> None:
    colours = _schemes()[scheme]
    pairs = [
        (text, ground)
        for text in ("ink", "ink-soft", "link", "accent", "refuse")
        for ground in ("paper", "card")
    ]
    pairs += [(lane, ground) for lane in LANES for ground in (f"{lane}-bg", "card")]
    pairs += [("ink", "refuse-bg"), ("link", "line"), ("focus-ink", "focus")]
    pairs += [("brand-ink", "brand"), ("brand-ink", "brand-strong"), ("refuse-bg", "refuse")]

    weak = {pair: round(_ratio(colours[pair[0]], colours[pair[1]]), 2) for pair in pairs}

    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_borders_and_marks_are_seen(scheme: str) -> None:
    colours = _schemes()[scheme]
    pairs = [("line-strong", "paper"), ("line-strong", "card"), *((lane, "card") for lane in LANES)]

    assert [pair for pair in pairs if _ratio(colours[pair[0]], colours[pair[1]]) < 3] == []


def test_pages_use_tokens_and_logical_properties_only() -> None:
    pages = re.sub(r"/\*.*?\*/", "", STATIC.joinpath("pages.css").read_text(), flags=re.DOTALL)

    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)", pages) == []
    assert (
        re.findall(
            r"(?:margin|padding|border)-(?:left|right)|text-align: (?:left|right)|float:(?! none)", pages
        )
        == []
    )
    assert set(re.findall(r"var\(--([\w-]+)", pages)) <= set(
        re.findall(r"--([\w-]+):", STATIC.joinpath("tokens.css").read_text() + pages)
    )


def test_stylesheet_is_one_and_wants_nothing_from_elsewhere() -> None:
    content = read_stylesheet().content.decode()

    assert "@import" not in content
    assert "url(" not in content
    assert "@font-face" not in content
    assert "Transport" not in content
    assert len(content) < 80_000
    assert len(gzip.compress(content.encode())) < 20_000, "as it is sent"
