"""The pages below `/declare`: one parcel, one question a screen, checked, sent like any other declaration.

Until it is sent no sign-in is needed and nothing is kept here: the form carries what was typed. So an ended
session costs nothing; who sends is asked when it is sent.
"""

from importlib.resources import files
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post

from serai.foundation.access.actor import Actor
from serai.foundation.http.guards import client_network
from serai.foundation.http.interface_words import interface_words
from serai.foundation.http.problem_texts import error_text
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, kit_of, language_of, page
from serai.foundation.id_text import format_id
from serai.journey.acts.service import Acts
from serai.journey.documents.submission import Answer, sender_of
from serai.journey.lodgement.service import LodgementService
from serai.journey.processing.rendered_decision import AskedTexts, texts_of
from serai.journey.processing.transaction import Processor
from serai.journey.quotes.service import QuoteService
from serai.model.documents import Consignment
from serai.model.errors import SeraiError
from serai.portal.declaration.codes import Proposed, proposed_of
from serai.portal.declaration.costs import Costs, find_costs
from serai.portal.declaration.faults import Fault, find_faults, place_findings
from serai.portal.declaration.form import (
    ITEMS_MAX,
    NATURES,
    WAYS,
    DeclarationForm,
    declaration_of,
    new_form,
    read_form,
)
from serai.portal.declaration.sent import TAKEN, sent_of
from serai.portal.law.pages import law_of
from serai.portal.law.places import all_countries, place_name
from serai.portal.message_check.service import CheckService
from serai.portal.postal_forms.day import today_of
from serai.portal.sender.sender import asks_who_sends, find_sender
from serai.portal.upload.service import UploadService
from serai.portal.upload.sheet import CheckedBy

_Request = Request[Any, Any, Any]
_OPT: Final = {"act": "messages.check"}
_FORM_OPT: Final = {**_OPT, "has_own_form_check": True}
"""What such a form asks for changes nothing; where it is sent the token is asked for here, and what was typed
comes back when the token is another session's."""
_BODY_BYTES_MAX: Final = 64 * 1024
_FAULTY: Final = 422
_ASK: Final = "portal/declaration/ask.html"
_CHECK: Final = "portal/declaration/check.html"
_KEPT_FOR_BACK: Final = {"cache-control": "private, no-cache"}
"""Going back shows the form as it was left; on the device, where its draft lies, too."""
_CURRENCIES: Final = (
    "EUR",
    "USD",
    "GBP",
    "CNY",
    "JPY",
    "INR",
    "TRY",
    "BRL",
    "KES",
    "NGN",
    "ZAR",
    "AED",
    "CHF",
)


class DeclarationView(msgspec.Struct, frozen=True):
    """The form as it is shown. opened: screens that are seen when the address names none. proposed: by number
    of the goods; None: too many ask just now. is_fresh: nothing was typed yet, so that a draft of the device
    may come in."""

    form: DeclarationForm
    faults: list[Fault]
    opened: list[str]
    proposed: dict[int, Proposed] | None
    is_fresh: bool = False


class CheckView(msgspec.Struct, frozen=True):
    """All answers before they are sent. carried: every field, by name. advice: what could be better.
    costs: None where they cannot be told now."""

    form: DeclarationForm
    carried: dict[str, str]
    advice: list[Fault]
    costs: Costs | None
    fault: str = ""


@get("/declare", opt=_OPT, include_in_schema=False)
async def show_declaration(request: _Request) -> Response[str]:
    """Show the empty form."""
    form = new_form(_new_reference(request))
    return _show(request, DeclarationView(form, [], ["what-1"], {}, is_fresh=True))


@post(
    "/declare", opt=_FORM_OPT, status_code=200, include_in_schema=False, request_max_body_size=_BODY_BYTES_MAX
)
async def go_on(request: _Request) -> Response[str]:
    """Show the next screen: the one asked for, or the first that is not answered. Codes are proposed."""
    form, asked = await _read(request)
    faults = find_faults(form, language_of(request))
    screens = list(dict.fromkeys(one.screen for one in faults))
    if not asked and not screens:
        return await _check(request, form)
    return await _ask(request, form, [], [asked or screens[0]])


@post(
    "/declare/check",
    opt=_FORM_OPT,
    status_code=200,
    include_in_schema=False,
    request_max_body_size=_BODY_BYTES_MAX,
)
async def check_declaration(request: _Request) -> Response[str]:
    """Show every fault at its field; without one, all answers and what the buyer will pay."""
    form, _ = await _read(request)
    return await _check(request, form)


@post(
    "/declare/send",
    opt=_FORM_OPT,
    status_code=200,
    include_in_schema=False,
    request_max_body_size=_BODY_BYTES_MAX,
)
async def send_declaration(request: _Request) -> Response[str]:
    """Lodge it as `POST /v1/declarations` does, and show the decision. Again is harmless."""
    form, _ = await _read(request)
    try:
        actor = await find_sender(request)
    except SeraiError as error:
        return await _check(request, form, error_text(error, language_of(request)))
    if find_faults(form, language_of(request)):
        return await _check(request, form)
    return await _send(request, actor, form)


@get(["/declare/check", "/declare/send"], opt=_OPT, status_code=303, include_in_schema=False)
async def lead_back() -> Response[None]:
    """Lead whoever loads the address of an answer, as to change the language, to the form: the device has the
    draft."""
    return Response(None, status_code=303, headers={"location": "/declare"})


@get("/declare/worker.js", opt=_OPT, include_in_schema=False)
async def read_worker() -> Response[bytes]:
    """Serve the worker that keeps the form on a device without network; it reaches no further than it."""
    content = (files("serai") / "web" / "static" / "declaration_worker.js").read_bytes()
    headers = {"service-worker-allowed": "/declare"}
    return Response(content, media_type="text/javascript; charset=utf-8", headers=headers)


ROUTES = [show_declaration, go_on, check_declaration, send_declaration, lead_back, read_worker]


async def _read(request: _Request) -> tuple[DeclarationForm, str]:
    """Return the form and the screen that is asked for."""
    given = await request.form()
    form = read_form(given.multi_items(), _new_reference(request))
    asked = given.get("at")
    if given.get("add"):
        asked = f"what-{len(form.items)}"
    elif given.get("drop"):
        asked = "more"
    return form, asked[:20] if isinstance(asked, str) else ""


def _new_reference(request: _Request) -> str:
    number = int(provided(request, Processor).services.ids.take(1)[0])
    return f"web-{format_id(number)}"


async def _ask(
    request: _Request, form: DeclarationForm, faults: list[Fault], opened: list[str]
) -> Response[str]:
    proposed = await _propose(request, form)
    return _show(request, DeclarationView(form, faults, opened, proposed))


async def show_correction(request: _Request, form: DeclarationForm) -> Response[str]:
    """Show the form of a declaration that was sent: first why it is corrected, then all answers."""
    return await _ask(request, form, [], ["why"])


async def _propose(request: _Request, form: DeclarationForm) -> dict[int, Proposed] | None:
    """Propose codes for whatever is described; None with too many askers: codes are typed."""
    language = language_of(request)
    texts = {number: item.what for number, item in enumerate(form.items, 1) if item.what}
    if not texts:
        return {}
    try:
        found = await provided(request, CheckService).describe(
            client_network(request),
            list(texts.values()),
            [None] * len(texts),
            vague_words=law_of(request).lists.vague_words,
            language=None,
        )
    except SeraiError as error:
        if error.code not in ("busy", "rate-limited"):
            raise
        return None
    return {number: proposed_of(one, language) for number, one in zip(texts, found, strict=True)}


async def _check(request: _Request, form: DeclarationForm, fault: str = "") -> Response[str]:
    language = language_of(request)
    faults = find_faults(form, language)
    advice: list[Fault] = []
    document: Consignment | None = None
    if not faults:
        document = declaration_of(form)
        faults, advice = await _look_at(request, document)
    if faults:
        return await _ask(request, form, faults, list(dict.fromkeys(one.screen for one in faults)))
    assert document is not None, "a form without faults is a declaration"
    costs = await find_costs(provided(request, QuoteService), document, form, language)
    view = CheckView(form, form.fields(), advice, costs, fault)
    more = {"place_name": place_name, "asked": asks_who_sends(request)}
    status = _FAULTY if fault else 200
    return page(
        request, view, "portal/declaration/check.html", status=status, headers=_KEPT_FOR_BACK, more=more
    )


async def _look_at(request: _Request, document: Consignment) -> tuple[list[Fault], list[Fault]]:
    """Return faults and advice of the declaration, as they will be when it is sent."""
    law, language = law_of(request), language_of(request)
    at_ms = int(kit_of(request).clock.now().timestamp() * 1000)
    by = CheckedBy(law.book, law.lists.vague_words, at_ms)
    content = msgspec.json.encode(document) + b"\n"
    sheet = await provided(request, UploadService).read(client_network(request), content, by)
    found = [one.finding for one in sheet.faults]
    return (
        place_findings([one for one in found if one.severity == "fault"], language),
        place_findings([one for one in found if one.severity != "fault"], language),
    )


async def _send(request: _Request, actor: Actor, form: DeclarationForm) -> Response[str]:
    language = language_of(request)
    line = msgspec.json.encode(declaration_of(form))
    try:
        (answer,) = await provided(request, LodgementService).submit(actor, "declaration", lines=[line])
    except SeraiError as error:
        return await _check(request, form, error_text(error, language_of(request)))
    if answer.status not in TAKEN:
        return await _refused(request, form, answer)
    processor = provided(request, Acts).processor
    sender = sender_of(actor)
    asked = AskedTexts(processor.services, sender.party_id, texts_of(processor.law, language), language)
    (filled,) = await asked.fill([answer])
    carried = form.fields() | {"amends": str(answer.version), "why": ""}
    more = {
        "is_signed_in": actor_of(request).is_known,
        "carried": carried,
        "today": today_of(request).isoformat(),
    }
    return page(request, sent_of(filled, language), "portal/declaration/sent.html", more=more)


async def _refused(request: _Request, form: DeclarationForm, answer: Answer) -> Response[str]:
    """Show why it was not taken: at its fields where they are at fault, else above all answers."""
    faults = place_findings([one for one in answer.findings if one.severity == "fault"], language_of(request))
    if faults:
        return await _ask(request, form, faults, list(dict.fromkeys(one.screen for one in faults)))
    if answer.problem_code == "reference-reused" and answer.version:
        gettext = interface_words(language_of(request)).gettext
        said = gettext("This parcel was sent before with other answers. To correct it, say why.")
        correction = msgspec.structs.replace(form, amends=str(answer.version))
        return await _ask(request, correction, [Fault("why", said, "why")], ["why"])
    error = provided(request, LodgementService).error_of(answer)
    return await _check(request, form, error_text(error, language_of(request)))


def _show(request: _Request, view: DeclarationView) -> Response[str]:
    language = language_of(request)
    more = {
        "countries": all_countries(language),
        "currencies": sorted({*_CURRENCIES, view.form.currency}),
        "ways": list(WAYS),
        "natures": list(NATURES),
        "items_max": ITEMS_MAX,
    }
    status = _FAULTY if view.faults else 200
    return page(
        request, view, "portal/declaration/ask.html", status=status, headers=_KEPT_FOR_BACK, more=more
    )
