"""Custody: who holds the goods of a case, and whose events of carriage count. Pure.

Custody is a state machine whose holder alone speaks. The declarant holds first. The carrier whose waybill
counts has taken over by it; a carrier that the declaration names, with its first event. The holder hands over
by an event that names the possessing party of its destination (CBV 2.0, source and destination types), or
lets the grantee of a mandate with custody take over, which holds for as long as the mandate does. An end
state ends it. The administration stands over all: its events count whoever holds.

Events are judged in the order they were recorded, so that what comes later changes nothing that counted
before, save what the holder takes back (an error declaration) and what an end leaves behind it.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

import msgspec

from serai.formats.epcis.event import Event

End = Literal["", "destroyed", "delivered", "ended"]
"""How custody ends; "": it goes on."""

Verdict = Literal[
    "counts",
    "custody-not-held",
    "custody-ended",
    "custody-went-on",
    "custody-passed-on",
    "custody-not-sent",
    "custody-overruled",
]
"""Whether an event counts, and if not, by what code that is said."""

COUNTS: Final[Verdict] = "counts"
NOT_HELD: Final[Verdict] = "custody-not-held"
ENDED: Final[Verdict] = "custody-ended"
WENT_ON: Final[Verdict] = "custody-went-on"
PASSED_ON: Final[Verdict] = "custody-passed-on"
NOT_SENT: Final[Verdict] = "custody-not-sent"
OVERRULED: Final[Verdict] = "custody-overruled"

# Core Business Vocabulary 2.0, section 7.1: steps in which goods move, change hands, or come to an end.
_STEPS: Final = frozenset(
    (
        *("accepting", "arriving", "collecting", "consigning", "departing", "entering_exiting", "loading"),
        *("receiving", "shipping", "storing", "transporting", "unloading", "void_shipping"),
        *("destroying", "dispensing", "retail_selling"),
    )
)
# The same, section 7.2: dispositions that say where goods are or what became of them.
_DISPOSITIONS: Final = frozenset(("in_transit", "returned", "stolen"))
_END_OF_STEP: Final[Mapping[str, End]] = {
    "destroying": "destroyed",
    "dispensing": "delivered",
    "retail_selling": "delivered",
}
_END_OF_DISPOSITION: Final[Mapping[str, End]] = {
    "destroyed": "destroyed",
    "disposed": "destroyed",
    "dispensed": "delivered",
    "retail_sold": "delivered",
}
_TAKING_STEPS: Final = frozenset(("accepting", "receiving"))
_HOLDINGS_COUNT_MAX: Final = 20
"""Of a party, the newest: goods that come back to one hand more often are not followed further."""
_POSSESSING, _OWNING = "possessing_party", "owning_party"


class CustodyEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event as far as custody goes.

    event_id: by time of record. uri: what its sender calls it. is_custody: it says where the goods are or
    what became of them; otherwise it is an observation. receiver_id: registered party that it hands them to.
    is_official: of the administration. is_correction: it declares the event of the same name wrong.
    """

    event_id: int
    at: datetime
    recorded_at: datetime
    party_id: int
    uri: str = ""
    is_custody: bool = True
    end: End = ""
    receiver_id: int | None = None
    is_official: bool = False
    is_correction: bool = False


class Waybill(msgspec.Struct, frozen=True):
    """A transport document that counts. document_id: by time of record, as ids of events are."""

    document_id: int
    party_id: int


class CustodyMandate(msgspec.Struct, frozen=True):
    """A mandate with custody. valid_to: until when it held, by its terms or its revocation; None: open."""

    grantor_id: int
    grantee_id: int
    valid_from: datetime
    valid_to: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Say whether it is in force at an instant."""
        return self.valid_from <= at and (self.valid_to is None or at < self.valid_to)


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """Who has to do with the goods of a case. members: all that have a part in it."""

    declarant_id: int
    named_carriers: frozenset[int] = frozenset()
    waybills: tuple[Waybill, ...] = ()
    members: frozenset[int] = frozenset()


class Custody(msgspec.Struct, frozen=True):
    """How custody stands. verdicts: of every event, by its id. holder_ids: who holds the goods or ever did.

    taken_back_ids: events that their sender has declared wrong. end_event_id: by which custody ended.
    """

    holder_id: int
    holder_ids: frozenset[int]
    taken_back_ids: frozenset[int]
    verdicts: dict[int, Verdict]
    end: End = ""
    end_event_id: int | None = None


def is_about_custody(event: Event) -> bool:
    """Say whether an event says where goods are or what became of them."""
    return (event.biz_step_code in _STEPS or not _DISPOSITIONS.isdisjoint(_dispositions(event))) or end_of(
        event
    ) != ""


def end_of(event: Event) -> End:
    """Return the end state that an event tells of; "" for none.

    Taking goods in as their owner is delivery: CBV 2.0 has no step of its own for that. An object that is
    deleted exists no more (EPCIS 2.0, section 7.4.2).
    """
    step = event.biz_step_code or ""
    ends = [_END_OF_STEP.get(step, ""), *(_END_OF_DISPOSITION.get(one, "") for one in _dispositions(event))]
    if step in _TAKING_STEPS and any(one.type_code == _OWNING for one in event.destinations):
        ends.append("delivered")
    if event.kind == "ObjectEvent" and event.action == "DELETE":
        ends.append("ended")
    return next(filter(None, ends), "")


def receivers_of(event: Event) -> list[str]:
    """Return what an event calls the parties it hands goods to, as it writes them."""
    return [one.id for one in event.destinations if one.type_code == _POSSESSING]


def parties_of(event: Event) -> list[str]:
    """Return what an event calls the parties that goods come from and go to, as it writes them."""
    sources = [one.id for one in event.sources if one.type_code in (_POSSESSING, _OWNING)]
    return sources + [one.id for one in event.destinations if one.type_code in (_POSSESSING, _OWNING)]


def _dispositions(event: Event) -> tuple[str, ...]:
    set_for_good = event.persistent_disposition.set if event.persistent_disposition is not None else ()
    return (event.disposition_code or "", *set_for_good)


def judge(parts: Parts, mandates: Iterable[CustodyMandate], events: Iterable[CustodyEvent]) -> Custody:
    """Return which events of a case count, and who holds its goods.

    events: each once, in any order. Those of a party that has no part and holds nothing count nowhere, and
    change nothing for others.
    """
    ordered = sorted(events, key=lambda one: one.event_id)
    machine = _Machine(parts, mandates, ordered)
    entries: list[Waybill | CustodyEvent] = [*parts.waybills, *ordered]
    for entry in sorted(entries, key=_recorded):
        if isinstance(entry, Waybill):
            machine.take_by_waybill(entry)
        else:
            machine.add(entry)
    return machine.settled()


def _recorded(entry: Waybill | CustodyEvent) -> int:
    return entry.document_id if isinstance(entry, Waybill) else entry.event_id


class _Holding(msgspec.Struct):
    """A party's time with the goods. from_at, until_at: None: open. giver_id: who handed them over.

    before: whose they are again when the mandate by which they were taken ends. is_first: of the declarant,
    before anybody has taken them. is_taken: from then on, as nobody knows when a carrier took them.
    """

    party_id: int
    from_at: datetime | None = None
    until_at: datetime | None = None
    mandate: CustodyMandate | None = None
    before: "_Holding | None" = None
    giver_id: int | None = None
    is_first: bool = False
    is_taken: bool = False
    has_acted: bool = False

    def covers(self, at: datetime) -> bool:
        return (
            not self.is_taken
            and (self.from_at is None or self.from_at <= at)
            and (self.until_at is None or at < self.until_at)
        )


class _Machine:
    """The state while events are judged. holdings: the last of them is the holder's."""

    def __init__(
        self, parts: Parts, mandates: Iterable[CustodyMandate], events: Sequence[CustodyEvent]
    ) -> None:
        self.parts = parts
        self.by_grantee: dict[int, list[CustodyMandate]] = defaultdict(list)
        for one in mandates:
            self.by_grantee[one.grantee_id].append(one)
        self.events = events
        self.taken_back, self.corrections = _find_corrections(events)
        self.holdings = [_Holding(parts.declarant_id, is_first=True)]
        self.of_party: dict[int, list[_Holding]] = {parts.declarant_id: list(self.holdings)}
        self.latest_at: dict[int, datetime] = {}
        self.verdicts: dict[int, Verdict] = {}
        self.end: CustodyEvent | None = None
        self.end_ids: list[int] = []

    def take_by_waybill(self, waybill: Waybill) -> None:
        """Let the carrier whose waybill is the first to count hold what the declarant held."""
        holder = self.holdings[-1]
        if not holder.is_first or self.end is not None:
            return
        if waybill.party_id == holder.party_id:
            holder.is_first = False
        else:
            self._take_from_first(_Holding(waybill.party_id))

    def add(self, event: CustodyEvent) -> None:
        """Judge the next event in the order of record."""
        self._give_back(event.recorded_at)
        if event.is_official:
            self.verdicts[event.event_id] = self._add_official(event)
        elif event.event_id in self.corrections:
            self.verdicts[event.event_id] = self._judge_correction(event)
        elif event.is_custody:
            self.verdicts[event.event_id] = self._add_custody(event)
        else:
            self.verdicts[event.event_id] = self._judge_observation(event)

    def settled(self) -> Custody:
        """Return how it stands after the last event: whatever an end left behind it counts no more."""
        end = self.end
        for one in self.events:
            if (
                end is not None
                and self.verdicts[one.event_id] == COUNTS
                and not one.is_official
                and (one.at, one.event_id) > (end.at, end.event_id)
                and not self._repeats_end(one)
            ):
                self.verdicts[one.event_id] = ENDED
        return Custody(
            self.holdings[-1].party_id,
            frozenset(self.of_party),
            frozenset(self.taken_back),
            self.verdicts,
            "" if end is None else end.end,
            None if end is None else end.event_id,
        )

    def _add_official(self, event: CustodyEvent) -> Verdict:
        if not event.is_custody or self._is_taken_back(event) or event.event_id in self.corrections:
            return COUNTS
        end = self.end
        if end is not None and end.end != event.end and event.at >= end.at:
            self.verdicts |= dict.fromkeys(self.end_ids, OVERRULED)
            self.end, self.end_ids = None, []
        if event.end:
            self._end_by(event)
        elif event.receiver_id is not None:
            self._pass_on(_Holding(event.receiver_id, event.at), event.at)
        return COUNTS

    def _add_custody(self, event: CustodyEvent) -> Verdict:
        taking = self._taking(event)
        is_holder = taking is not None or self.holdings[-1].party_id == event.party_id
        if not (is_holder or self._held_then(event)):
            return NOT_HELD
        if self.end is not None and not self._repeats_end(event) and (event.end or event.at >= self.end.at):
            return ENDED
        if self._is_taken_back(event):
            return COUNTS
        if event.end and (refusal := self._refuse_end(event, taking, is_holder=is_holder)):
            return refusal
        if taking is not None and taking.mandate is None:
            self._take_from_first(taking)
        elif taking is not None:
            self._pass_on(taking, event.at)
        self._apply(event)
        return COUNTS

    def _refuse_end(self, event: CustodyEvent, taking: _Holding | None, *, is_holder: bool) -> Verdict | None:
        """Say why a holder's end state cannot be: who has handed over ends nothing, nor does anybody end what
        went on later by his own words or before he had it."""
        if not is_holder:
            return NOT_HELD
        latest_at = self.latest_at.get(event.party_id)
        holding = taking or self.holdings[-1]
        if holding.from_at is not None and event.at < holding.from_at:
            return WENT_ON
        return WENT_ON if latest_at is not None and latest_at > event.at and self.end is None else None

    def _apply(self, event: CustodyEvent) -> None:
        holder = self.holdings[-1]
        known_at = self.latest_at.get(event.party_id)
        self.latest_at[event.party_id] = event.at if known_at is None else max(known_at, event.at)
        if holder.party_id != event.party_id:
            return
        holder.has_acted = True
        if event.end:
            self._end_by(event)
        elif event.receiver_id is not None and event.receiver_id != event.party_id:
            self._pass_on(_Holding(event.receiver_id, event.at, giver_id=event.party_id), event.at)

    def _end_by(self, event: CustodyEvent) -> None:
        self.end = self.end or event
        self.end_ids.append(event.event_id)

    def _taking(self, event: CustodyEvent) -> _Holding | None:
        """Return what a party begins to hold with this event: it is named as carrier, or has a mandate."""
        holder = self.holdings[-1]
        if holder.party_id == event.party_id or self.end is not None:
            return None
        if holder.is_first and event.party_id in self.parts.named_carriers:
            return _Holding(event.party_id)
        for one in self.by_grantee.get(event.party_id, ()):
            if one.grantor_id == holder.party_id and one.holds(event.at) and one.holds(event.recorded_at):
                return _Holding(event.party_id, one.valid_from, mandate=one, before=holder)
        return None

    def _held_then(self, event: CustodyEvent) -> bool:
        """Say whether a party that holds no more tells of its own time, or of its handing over."""
        holder = self.holdings[-1]
        is_handing_over = (
            not event.end
            and holder.giver_id == event.party_id
            and holder.party_id == event.receiver_id
            and not holder.has_acted
        )
        newest = self.of_party.get(event.party_id, [])[-_HOLDINGS_COUNT_MAX:]
        return is_handing_over or any(one.covers(event.at) for one in newest)

    def _judge_observation(self, event: CustodyEvent) -> Verdict:
        is_known = event.party_id in self.parts.members or event.party_id in self.of_party
        return COUNTS if is_known else NOT_HELD

    def _judge_correction(self, event: CustodyEvent) -> Verdict:
        """Whose event counted may take it back, unless what it handed over was used since."""
        correction = self.corrections[event.event_id]
        if correction.is_refused:
            return PASSED_ON
        if not correction.taken_back:
            return NOT_SENT
        known = (self.verdicts.get(one) for one in correction.taken_back)
        # It may have come before what it takes back.
        return next((one for one in known if one is not None), self._judge_observation(event))

    def _is_taken_back(self, event: CustodyEvent) -> bool:
        return event.event_id in self.taken_back

    def _repeats_end(self, event: CustodyEvent) -> bool:
        end = self.end
        return end is not None and (event.end, event.party_id) == (end.end, end.party_id)

    def _take_from_first(self, holding: _Holding) -> None:
        self.holdings[-1].is_taken = True
        self.holdings.append(holding)
        self.of_party.setdefault(holding.party_id, []).append(holding)

    def _pass_on(self, holding: _Holding, at: datetime) -> None:
        self.holdings[-1].until_at = at
        self.holdings.append(holding)
        self.of_party.setdefault(holding.party_id, []).append(holding)

    def _give_back(self, now: datetime) -> None:
        """Give back what was held by a mandate that holds no more; nobody hands on what has ended."""
        while self.end is None:
            mandate, before = self.holdings[-1].mandate, self.holdings[-1].before
            if mandate is None or before is None or mandate.valid_to is None or now < mandate.valid_to:
                return
            back = _Holding(before.party_id, mandate.valid_to, mandate=before.mandate, before=before.before)
            self._pass_on(back, mandate.valid_to)


class _Correction(msgspec.Struct, frozen=True):
    """What a correction takes back. is_refused: it may not take back what it names."""

    taken_back: list[int]
    is_refused: bool


def _find_corrections(events: Sequence[CustodyEvent]) -> tuple[set[int], dict[int, _Correction]]:
    """Return which events are taken back, and what each correction does.

    Only a sender takes its own event back, under the same name; what was handed over to a party that has
    spoken since stays handed over.
    """
    originals: dict[tuple[int, str], list[CustodyEvent]] = defaultdict(list)
    of_party: dict[int, list[int]] = defaultdict(list)
    for one in events:
        if not one.is_correction:
            originals[one.party_id, one.uri].append(one)
            of_party[one.party_id].append(one.event_id)
    corrections: dict[int, _Correction] = {}
    by_name: dict[tuple[int, str], _Correction] = {}
    for one in events:
        if not one.is_correction:
            continue
        name = (one.party_id, one.uri)
        if name not in by_name:  # the first says what it comes to, however often it is said again
            named = originals.get(name, [])
            free = [original.event_id for original in named if not _was_used(original, one, of_party)]
            by_name[name] = _Correction(free, is_refused=len(free) < len(named))
        corrections[one.event_id] = by_name[name]
    return {event_id for one in by_name.values() for event_id in one.taken_back}, corrections


def _was_used(
    original: CustodyEvent, correction: CustodyEvent, of_party: Mapping[int, Sequence[int]]
) -> bool:
    """Say whether the party that an event handed goods to has spoken before the event was taken back."""
    if original.receiver_id is None or original.receiver_id == original.party_id:
        return False
    ids = of_party.get(original.receiver_id, ())
    begin = bisect_right(ids, original.event_id)
    return begin < len(ids) and ids[begin] < correction.event_id
