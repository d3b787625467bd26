"""What a page says about the installation that serves it: name, test environment, navigation, languages."""

import msgspec

from serai.foundation.access.actor import Actor
from serai.foundation.access.table import may
from serai.foundation.http.interface_words import translatable
from serai.model.languages import DEFAULT_LANGUAGE


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
    NavigationItem(translatable("Queue"), "/queue", "tasks.read"),
    NavigationItem(translatable("Before your agency"), "/agency", "agency-parcels.read"),
    NavigationItem(translatable("Arrivals"), "/arrivals", "arrivals.read"),
    NavigationItem(translatable("Parcels"), "/parcels", "cases.list"),
    NavigationItem(translatable("Declare"), "/declare", "declarations.lodge"),
    NavigationItem(translatable("Take-downs"), "/take-downs", "take-downs.answer"),
    NavigationItem(translatable("Law"), "/law"),
    NavigationItem(translatable("Calculator"), "/calculator"),
    NavigationItem(translatable("Check"), "/check"),
    NavigationItem(translatable("Statistics"), "/statistics", "statistics.read"),
    NavigationItem(translatable("Risk"), "/risk", "risk.read"),
    NavigationItem(translatable("Money"), "/money", "money.read"),
    NavigationItem(translatable("Organisation"), "/organisation", "organisation.manage"),
    NavigationItem(translatable("Administration"), "/administration", "administering.read"),
)
MORE = (
    NavigationItem(translatable("Recalls"), "/recalls", "recalls.read"),
    NavigationItem(translatable("Take-downs"), "/take-downs", "take-downs.read"),
    NavigationItem(translatable("Permits"), "/permits", "permits.read"),
    NavigationItem(translatable("Recordals of rights holders"), "/recordals", "recordals.read"),
    NavigationItem(translatable("Goods detained for rights"), "/rights-detentions", "rights-detentions.read"),
    NavigationItem(translatable("Scheme numbers"), "/schemes", "schemes.read"),
    NavigationItem(translatable("Scorecards"), "/scorecards", "scorecards.read"),
    NavigationItem(translatable("Due diligence by role"), "/due-diligence"),
    NavigationItem(translatable("Declare a parcel"), "/declare"),
    NavigationItem(translatable("Track a parcel"), "/track"),
    NavigationItem(translatable("Is selection fair?"), "/fairness"),
    NavigationItem(translatable("Release times"), "/release-times"),
    NavigationItem(translatable("Service status"), "/status"),
    NavigationItem(translatable("Check a receipt"), "/receipts/check"),
    NavigationItem(translatable("Check a notice"), "/notices/check"),
)
"""What the foot of every page leads to: pages that the bar has no room for."""
PROPOSALS = NavigationItem(translatable("Proposals"), "/proposals", "approvals.read")
"""Of an installation in which some acts need a second person."""


class Site(msgspec.Struct, frozen=True):
    """One installation.

    is_test: a banner on each page and `Serai-Environment: test` on each answer. has_https: cookies are sent
    by https only. authentic_language: in which the administration's words hold; in the others they are a
    translation. time_zone: in which it says when a session ends. labels, footer: in English; pages say them
    in the reader's language.
    """

    name: str
    is_test: bool
    has_https: bool = False
    authentic_language: str = DEFAULT_LANGUAGE
    time_zone: str = "UTC"
    is_demo: bool = False
    navigation: tuple[NavigationItem, ...] = NAVIGATION
    more: tuple[NavigationItem, ...] = MORE
    footer: str = translatable(
        "Each time is shown with its time zone. Amounts are calculated from the stored declaration "
        "under the law of its day."
    )
