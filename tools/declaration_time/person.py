"""A person at a phone, as far as time is concerned: what was typed, chosen, tapped and read is counted, and a
stated model says how long that takes. The waits are measured, not modelled."""

import time
from collections.abc import Callable
from typing import Any, Final

import msgspec
from playwright.sync_api import Locator, Page

CHARACTERS_A_WORD: Final = 5
"""As studies of typing count."""


class Pace(msgspec.Struct, frozen=True):
    """How fast somebody is. name: in words. typing_wpm, reading_wpm: words a minute; choice_s: to find one of
    a list; tap_s: to find and hit a button; thought_s: before each screen, to remember what is asked."""

    name: str
    typing_wpm: float
    reading_wpm: float
    choice_s: float
    tap_s: float
    thought_s: float

    def slower(self, name: str, times: float) -> "Pace":
        """Return the pace of somebody who takes so many times as long for everything."""
        return Pace(
            name,
            self.typing_wpm / times,
            self.reading_wpm / times,
            self.choice_s * times,
            self.tap_s * times,
            self.thought_s * times,
        )


_AVERAGE: Final = Pace("average", 36, 238, 3.55, 1.1, 1.35)
PACES: Final = (_AVERAGE, _AVERAGE.slower("half as fast", 2), _AVERAGE.slower("a third as fast", 3))
"""Typing on phones: mean of 37,370 people (Palin and others, MobileHCI 2019). Silent reading: mean of 190
studies (Brysbaert, Journal of Memory and Language 2019). To point at something 1.1 s, to think of what comes
next 1.35 s (Card, Moran and Newell, the keystroke-level model, 1980); a list is one thought and two taps."""


class Wait(msgspec.Struct, frozen=True):
    """What a person waited for. down_bytes, up_bytes: that went over the network meanwhile."""

    what: str
    seconds: float
    down_bytes: int
    up_bytes: int


class Effort(msgspec.Struct, frozen=True):
    """All that a person did in one filing."""

    characters_count: int
    choices_count: int
    taps_count: int
    words_count: int
    screens_count: int
    waits: list[Wait]

    def seconds_at(self, pace: Pace) -> float:
        """Return how long a person of a pace is busy, waits not counted."""
        return (
            self.characters_count / CHARACTERS_A_WORD / pace.typing_wpm * 60
            + self.words_count / pace.reading_wpm * 60
            + self.choices_count * pace.choice_s
            + self.taps_count * pace.tap_s
            + self.screens_count * pace.thought_s
        )

    @property
    def waited_seconds(self) -> float:
        """Return the sum of the waits."""
        return sum(one.seconds for one in self.waits)


class Person:
    """Does what a person does on a page, and counts it. The network of the page is slow by then."""

    def __init__(self, page: Page, network: Any) -> None:
        self._page = page
        self._down = self._up = 0
        self._characters = self._choices = self._taps = self._words = self._screens = 0
        self._waits: list[Wait] = []
        network.on("Network.loadingFinished", self._count_down)
        network.on("Network.requestWillBeSent", self._count_up)

    def type(self, field: Locator, text: str) -> None:
        """Type into a field, which is tapped first."""
        field.fill(text)
        self._characters += len(text)
        self._taps += 1

    def choose(self, field: Locator, value: str) -> None:
        """Choose one of a list."""
        field.select_option(value)
        self._choices += 1

    def tap(self, what: Locator) -> None:
        """Tap something that needs no network."""
        what.click()
        self._taps += 1

    def read(self, screen: Locator) -> None:
        """Read a screen: the words that are seen on it, those of lists not among them."""
        self._words += screen.evaluate(
            "one => { const count = (text) => text.split(/\\s+/).filter(Boolean).length;"
            " const unseen = [...one.querySelectorAll('select, .govuk-visually-hidden')];"
            " return count(one.innerText) - unseen.reduce((sum, each) => sum + count(each.innerText), 0) }"
        )
        self._screens += 1

    def wait_for(self, what: str, act: Callable[[], object], is_ready: Locator, *, taps: int = 1) -> None:
        """Do something that needs the network, and wait until what comes of it is seen."""
        down, up, begun = self._down, self._up, time.perf_counter()
        act()
        is_ready.wait_for()
        seconds = time.perf_counter() - begun
        # What the page still loads behind what is seen counts as bytes, not as time.
        self._page.wait_for_load_state("networkidle")
        self._waits.append(Wait(what, seconds, self._down - down, self._up - up))
        self._taps += taps

    def effort(self) -> Effort:
        """Return what was done so far."""
        return Effort(
            self._characters, self._choices, self._taps, self._words, self._screens, list(self._waits)
        )

    def _count_down(self, event: dict[str, Any]) -> None:
        self._down += int(event.get("encodedDataLength", 0))

    def _count_up(self, event: dict[str, Any]) -> None:
        request = event["request"]
        head = sum(len(name) + len(value) + 4 for name, value in request["headers"].items())
        self._up += head + len(request["url"]) + len(request.get("postData") or "")
