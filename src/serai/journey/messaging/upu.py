"""ITMATT and CUSITM as posts exchange them: items in, one CUSRSP out that answers each; later ones by and by.

Each item is declared by the post, and its transport document comes with it: the post carries it, too.
EntityState says what is wanted: 1 declares, 2 changes what was declared, 3 cancels it.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import msgspec

from serai.formats.decoded import Document
from serai.formats.standard import Standard
from serai.formats.upu.message import ItemAnswer, UpuItem, UpuMessage
from serai.formats.upu.read import ItemPlaces
from serai.formats.upu.tree import is_instant
from serai.formats.upu.unread import with_unread
from serai.formats.upu.write import encode_answers
from serai.foundation.access.actor import Actor
from serai.foundation.access.table import act_named, require
from serai.foundation.http.negotiation import XML_MEDIA_TYPES
from serai.foundation.worker_threads import beside_the_loop
from serai.journey.decision.rendered_reasons import Texts
from serai.journey.documents.submission import Answer, Places, sender_of
from serai.journey.messaging.json_reply import reply_in_json, reply_to_each_in_json
from serai.journey.messaging.message_exchange import (
    MessageExchange,
    MessageSender,
    Notification,
    Reply,
    Service,
)
from serai.journey.messaging.upu_answers import (
    ItemNumber,
    answer_of_decision,
    answer_of_preloading,
    answer_to,
    texts_about,
)
from serai.journey.preloading.answer import PreloadingOut
from serai.journey.processing.preloading import preloading_out
from serai.journey.processing.rendered_decision import texts_of
from serai.journey.validation.data_quality.formula import FORMULA
from serai.model.errors import SeraiError
from serai.model.findings import Finding

ITEM_ID_CHARACTERS_MAX = 35
ITEM_BYTES = 1_500
"""Of an item with one content piece: so many are guessed before a message is read."""

_LOADING = msgspec.json.Decoder(PreloadingOut)
_CANCELLED = "EntityState 3"
_CONSIGNMENT, _TRANSPORT = "declaration", "transport-document"
_NOTIFIED_KINDS = frozenset({"decided-again", "amended", "arrived", "settled", "released", "invalidated"})
"""Kinds of events that say something new of an item; that it was decided was said at once."""


async def receive(
    service: Service,
    message_sender: MessageSender,
    content: bytes,
    *,
    decode: Callable[[bytes], tuple[UpuMessage | None, list[Finding]]],
    lacks: Sequence[str],
) -> Reply:
    """Declare, change or cancel each item, and answer each. lacks: fields without an element."""
    require(message_sender.actor, "declarations.lodge")
    message, findings = await beside_the_loop(len(content) // ITEM_BYTES, decode, content)
    if message is None or any(one.severity == "fault" for one in findings):
        reference = message.header.message_id if message is not None and message.header is not None else ""
        return await reply_in_json(Answer("rejected", reference, findings=findings), message_sender)
    if findings and message.items:
        # What is advised on the message as such is answered with its first item.
        first = msgspec.structs.replace(message.items[0], findings=[*message.items[0].findings, *findings])
        message = msgspec.structs.replace(message, items=[first, *message.items[1:]])
    places = ItemPlaces(content, message.name)
    answers, loading = await _act(
        service, message_sender.actor, [with_unread(item) for item in message.items], places
    )
    answers = [_with_not_carried(one, frozenset(lacks)) for one in answers]
    if message_sender.wants_json:
        return await reply_to_each_in_json(answers, message_sender)
    texts = texts_of(service.acts.processor.law, message_sender.language)
    cusrsp = await beside_the_loop(
        len(answers), _write_cusrsp, message.items, answers, texts, loading, places
    )
    return Reply(200, XML_MEDIA_TYPES[0], cusrsp, answers)


def _with_not_carried(answer: Answer, lacks: frozenset[str]) -> Answer:
    """Say which checks of data quality no message of the standard can pass."""
    quality = answer.data_quality
    asked_in_vain = {one.code for one in FORMULA.checks if one.field in lacks and one.kind == "presence"}
    not_carried = tuple(code for code in quality.failed if code in asked_in_vain) if quality else ()
    if quality is None or not not_carried:
        return answer
    return msgspec.structs.replace(
        answer, data_quality=msgspec.structs.replace(quality, not_carried=not_carried)
    )


def _write_cusrsp(
    items: Sequence[UpuItem],
    answers: Sequence[Answer],
    texts: Texts,
    loading: Mapping[str, bytes],
    places: ItemPlaces,
) -> bytes:
    """Write what became of items. loading: by pointer of an item, what was assessed before loading."""
    written = []
    for item, answer in zip(items, answers, strict=True):
        assessed = loading.get(item.pointer)
        said = None if assessed is None else _placed(_LOADING.decode(assessed), item.pointer, places)
        written.append(answer_to(_number_of(item), answer, texts, said))
    return encode_answers(written)


def _placed(loading: PreloadingOut, item_pointer: str, places: ItemPlaces) -> PreloadingOut:
    """Let the reasons of an assessment point into the post's own message."""
    reasons = [
        msgspec.structs.replace(one, pointer=places.in_transport_document(item_pointer, one.pointer))
        for one in loading.reasons
    ]
    return msgspec.structs.replace(loading, reasons=reasons)


def _number_of(item: UpuItem) -> ItemNumber:
    detail = item.consignment.detail if item.consignment is not None else None
    said = {one.type_code: one.code for one in (detail.statements if detail is not None else [])}
    # Of a faulty item number and date may be what no message can hold.
    return ItemNumber(
        (item.item_id or item.pointer)[:ITEM_ID_CHARACTERS_MAX],
        item.posted_at if is_instant(item.posted_at) else "",
        said.get("UPU-CUSTOMS"),
        said.get("UPU-POST"),
    )


async def _act(
    service: Service, actor: Actor, items: Sequence[UpuItem], message_places: ItemPlaces
) -> tuple[list[Answer], dict[str, bytes]]:
    """Do what is wanted with each item. Returns one answer each, in order, and by pointer what was assessed
    of those that have yet to be loaded.
    """
    loading: dict[str, bytes] = {}
    filed = [item for item in items if item.act != "cancel" or item.is_faulty]
    if actor.roles & act_named("transport_documents.submit").roles:
        # Carriage first: the declaration is then decided with it in its case.
        sound = [item for item in filed if item.transport_document is not None]
        carried = await _file(service, actor, _TRANSPORT, sound, [item.transport_document for item in sound])
        assessed = zip(sound, carried, strict=True)
        loading = {item.pointer: answer.decision for item, answer in assessed if answer.decision}
    places = [partial(message_places.in_declaration, item.pointer) for item in filed]
    declared = [item.consignment for item in filed]
    answers = await _file(service, actor, _CONSIGNMENT, filed, declared, places=places)
    of_item = {item.pointer: answer for item, answer in zip(filed, answers, strict=True)}
    for item in items:
        if item.pointer not in of_item:
            of_item[item.pointer] = await _cancel(service, actor, item)
    return [of_item[item.pointer] for item in items], loading


async def _file(
    service: Service,
    actor: Actor,
    kind: str,
    items: Sequence[UpuItem],
    documents: Sequence[Document | None],
    *,
    places: Sequence[Places | None] = (),
) -> list[Answer]:
    """File the documents of items; a change becomes an amendment of the newest version, whichever that is."""
    if not items:
        return []
    changes = [place for place, item in enumerate(items) if item.act == "change"]
    wanted = list(documents)
    amending = await service.acts.as_amendments(
        sender_of(actor), kind, [documents[place] for place in changes]
    )
    for place, document in zip(changes, amending, strict=True):
        wanted[place] = document
    return await service.lodgement.submit(
        actor, kind, documents=wanted, findings=[item.findings for item in items], places=places
    )


async def _cancel(service: Service, actor: Actor, item: UpuItem) -> Answer:
    """Withdraw what was declared of an item, whichever version that is."""
    try:
        return await service.acts.withdraw(
            sender_of(actor), item.reference, expected_version=None, reason=_CANCELLED
        )
    except SeraiError as error:
        if error.code != "not-found":
            raise
        return Answer("refused", item.reference, problem_code=error.code, problem=error)


def render(notifications: Sequence[Notification], _languages: str) -> list[list[bytes]]:
    """Write what happened to items as CUSRSP, one each; what several events are about is notified once."""
    notified: set[str] = set()
    messages: list[list[bytes]] = []
    for one in notifications:
        said = _item_answer_of(one)
        is_new = said is not None and said[0] not in notified
        messages.append([encode_answers([said[1]])] if said is not None and is_new else [])
        notified |= {said[0]} if said is not None else set()
    return messages


def _item_answer_of(one: Notification) -> tuple[str, ItemAnswer] | None:
    """Return what an event is about, by the number of its decision, and what is said of it.

    No date of posting is said: it is not among what lists show of a consignment.
    """
    if one.loading is not None:
        # What was assessed because the item was sent was answered at once.
        if one.loading.is_filed:
            return None
        loading = preloading_out(one.loading)
        return loading.decision_id, answer_of_preloading(ItemNumber(loading.house_document), loading)
    number = one.consignment.house_document if one.consignment is not None else None
    if one.kind not in _NOTIFIED_KINDS or one.decision is None or number is None:
        return None
    answer = answer_of_decision(ItemNumber(number), one.decision, one.rendered, case_id=one.case_id)
    return one.decision.decision_id, answer


def exchange_of(standard: Standard) -> MessageExchange:
    """Return the message exchange of a standard whose items it reads."""
    assert standard.exchange is not None, "it has named this family"
    received = partial(receive, decode=standard.exchange.decode, lacks=standard.lacks)
    return MessageExchange(standard.media_types, received, render, texts_about)
