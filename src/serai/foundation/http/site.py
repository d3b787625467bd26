"""What a page says about the installation that serves it: name, test environment, navigation, languages."""

import msgspec

from serai.foundation.access.actor import Actor
from serai.foundation.access.table import may


class NavigationItem(msgspec.Struct, frozen=True):
    """A word in the bar and where it leads; it is current for its own address and all below it.

    act: shown to those who may do it; None: to everybody.
    """

    label: str
    href: str
    act: str | None = None

    def is_for(self, actor: Actor) -> bool:
        """Say whether it leads `actor` anywhere."""
        return self.act is None or may(actor, self.act)

    def is_current(self, path: str) -> bool:
        """Say whether `path` lies here."""
        return path == self.href or path.startswith(self.href.rstrip("/") + "/")


NAVIGATION = (
    NavigationItem("Arrivals", "/arrivals"),
    NavigationItem("Parcels", "/parcels"),
    NavigationItem("Law", "/law"),
    NavigationItem("Calculator", "/calculator"),
    NavigationItem("Check", "/check"),
    NavigationItem("Statistics", "/statistics"),
)
PROPOSALS = NavigationItem("Proposals", "/proposals", "approvals.read")
"""Of an installation in which some acts need a second person."""

RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "ps", "ur", "yi"})


class Site(msgspec.Struct, frozen=True):
    """One installation.

    is_test: a banner on each page and `Serai-Environment: test` on each answer. has_https: cookies are sent
    by https only. languages: those in which pages can be written, the first is the default. text_languages:
    those in which at least some texts of the catalogue are.
    """

    name: str
    is_test: bool
    has_https: bool = False
    languages: tuple[str, ...] = ("en",)
    text_languages: tuple[str, ...] = ("en",)
    navigation: tuple[NavigationItem, ...] = NAVIGATION
    footer: str = (
        "Each time is shown with its time zone. Amounts are calculated from the stored declaration "
        "under the law of its day."
    )


def direction_of(language: str) -> str:
    """Return `rtl` or `ltr` for a language tag."""
    return "rtl" if language.partition("-")[0] in RIGHT_TO_LEFT else "ltr"
