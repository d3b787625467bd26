"""Public reasons of decisions in words, for standards that say why; and what was so said, kept as notices."""

from collections.abc import Sequence

import msgspec

from serai.foundation.id_text import parse_id
from serai.foundation.worker_threads import beside_the_loop
from serai.journey.decision.answer import DecisionOut
from serai.journey.decision.rendered_reasons import Rendered, Texts, render_named_reasons
from serai.journey.documents.submission import Answer
from serai.journey.messaging.message_exchange import MessageExchange, Notification
from serai.journey.services import Services
from serai.journey.texts.catalogue import Text
from serai.journey.texts.notices import WORDLESS, About, Served, record_notice


def render_public_reasons(decision: DecisionOut, texts: Texts) -> tuple[Rendered, ...]:
    """Return the reasons of an item and of its contents as everybody may read them, strictest first."""
    of_items = (reason for item in decision.goods_items for reason in item.reasons)
    return tuple(render_named_reasons((one.code for one in (*decision.reasons, *of_items)), texts))


def with_reasons(notifications: Sequence[Notification], texts: Texts) -> list[Notification]:
    """Return notifications with the reasons of their decisions in words."""
    return [
        one
        if one.decision is None
        else msgspec.structs.replace(one, rendered=render_public_reasons(one.decision, texts))
        for one in notifications
    ]


_DECISIONS = msgspec.json.Decoder(DecisionOut)


async def keep_answers(
    services: Services,
    party_id: int,
    exchange: MessageExchange,
    answers: Sequence[Answer],
    texts: Texts,
    *,
    standard: str,
    languages: str,
) -> None:
    """Keep what the answer to a message says of decisions, before it is sent: one notice for all of them."""
    decided = [one for one in answers if one.decision and one.decision_id]
    if decided:
        said = await beside_the_loop(len(decided), _texts_of_all, exchange, decided, texts, languages)
        about = [About(one.case_id, one.decision_id) for one in decided]
        await record_notice(services, party_id, _served(about, said, standard=standard))


async def keep_notifications(
    services: Services,
    party_id: int,
    exchange: MessageExchange,
    sent: Sequence[Notification],
    *,
    standard: str,
    languages: str,
) -> None:
    """Keep what later messages say of decisions, before they are sent: one notice for each kind of event."""
    by_kind: dict[str, list[tuple[About, DecisionOut, Sequence[Rendered]]]] = {}
    for one in sent:
        if one.decision is not None:
            about = About(one.case_id, parse_id(one.decision.decision_id))
            by_kind.setdefault(one.kind, []).append((about, one.decision, one.rendered))
    for kind, notified in by_kind.items():
        said = [
            text
            for _, decision, rendered in notified
            for text in exchange.texts_about(decision, rendered, languages)
        ]
        about_all = [about for about, _, _ in notified]
        await record_notice(services, party_id, _served(about_all, said, standard=standard, event_kind=kind))


class _Coded(msgspec.Struct, frozen=True, gc=False):
    code: str


class _Part(msgspec.Struct, frozen=True, gc=False):
    reasons: list[_Coded] = []


class _Gist(_Part, frozen=True, gc=False, kw_only=True):
    """As much of a decision as tells which texts speak of it."""

    status: str
    goods_items: list[_Part]

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of its reasons and of its goods items', in their order."""
        return tuple(one.code for part in (self, *self.goods_items) for one in part.reasons)


_GISTS = msgspec.json.Decoder(_Gist)


def _texts_of_all(
    exchange: MessageExchange, answers: Sequence[Answer], texts: Texts, languages: str
) -> list[Text]:
    """Return the texts in which decisions are spoken of; of those with the same codes one is looked at."""
    first: dict[tuple[str, tuple[str, ...]], bytes] = {}
    for one in answers:
        gist = _GISTS.decode(one.decision)
        first.setdefault((gist.status, gist.codes), one.decision)
    decisions = [_DECISIONS.decode(one) for one in first.values()]
    return [
        text
        for one in decisions
        for text in exchange.texts_about(one, render_public_reasons(one, texts), languages)
    ]


def _served(
    about: Sequence[About], said: Sequence[Text], *, standard: str, event_kind: str | None = None
) -> Served:
    language = said[0].language if said else WORDLESS
    return Served(about, set(said), "message", language, standard, event_kind)
