"""Pages on which an organisation registers itself, and which links in e-mails lead to. Whole without a
script."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from serai.foundation.access.passwords import check_password
from serai.foundation.http.guards import client_network
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import language_of, page
from serai.model.code_lists import COUNTRY_CODES
from serai.model.errors import SeraiError
from serai.portal.law.places import all_countries
from serai.web.organisation.fault_words import faults_of, faults_of_error
from serai.web.organisation.registering import Registering, fit_email, mode_of

_Request = Request[Any, Any, Any]
_OPT: Final = {"act": "registration.ask"}
_NAME_LENGTH_MAX: Final = 200
_FAULTY: Final = 422
_CONTROLS: Final = dict.fromkeys([*range(0x20), 0x7F], " ")


class RegisterView(msgspec.Struct, frozen=True):
    """The form as it was typed. mode: what becomes of who registers; faults: by field."""

    mode: str
    name: str = ""
    country: str = ""
    email: str = ""
    faults: dict[str, str] = {}


class PasswordView(msgspec.Struct, frozen=True):
    """The form of who has forgotten a password."""

    email: str = ""
    faults: dict[str, str] = {}


class SentView(msgspec.Struct, frozen=True):
    """That a message is on its way, if it is. hours: how long its link is good."""

    email: str
    hours: int


class ConfirmView(msgspec.Struct, frozen=True):
    """What a link leads to. kind: of the link; email: whose; name: of the organisation that is registered."""

    kind: str
    email: str
    name: str
    faults: dict[str, str] = {}


class DoneView(msgspec.Struct, frozen=True):
    """What a link has done."""

    kind: str
    waits: bool


@get("/register", opt=_OPT, include_in_schema=False)
async def show_register(request: _Request) -> Response[str]:
    """Show the form, or that nobody registers here."""
    return _register(request, RegisterView(_mode(request)))


@post("/register", opt=_OPT, include_in_schema=False, status_code=200)
async def register(request: _Request) -> Response[str]:
    """Write to the address; the answer is the same whether it has an account or not."""
    form = await request.form()
    name = " ".join(str(form.get("name", "")).translate(_CONTROLS).split())[:_NAME_LENGTH_MAX]
    country, email = str(form.get("country", "")), str(form.get("email", "")).strip()
    faults = faults_of(
        request, *(["name"] if not name else []), *(["country"] if country not in COUNTRY_CODES else [])
    )
    try:
        fit_email(email)
        if not faults:
            await provided(request, Registering).ask(
                name=name,
                country_code=country,
                email=email,
                network=client_network(request),
                language=language_of(request),
            )
    except SeraiError as error:
        faults |= faults_of_error(request, error)
    if faults:
        view = RegisterView(_mode(request), name, country, email[:254], faults)
        return _register(request, view, status=_FAULTY)
    return page(request, SentView(email, _hours(request)), "portal/link_sent.html")


@get("/password", opt=_OPT, include_in_schema=False)
async def show_forgotten(request: _Request) -> Response[str]:
    """Show the form of who has forgotten a password."""
    return page(request, PasswordView(), "portal/password_forgotten.html")


@post("/password", opt=_OPT, include_in_schema=False, status_code=200)
async def forgotten(request: _Request) -> Response[str]:
    """Send a link to a new password; the answer is the same whether the address has an account or not."""
    form = await request.form()
    email = str(form.get("email", "")).strip()
    try:
        await provided(request, Registering).ask_password(
            email=email, network=client_network(request), language=language_of(request)
        )
    except SeraiError as error:
        view = PasswordView(email[:254], faults_of_error(request, error))
        return page(request, view, "portal/password_forgotten.html", status=_FAULTY)
    return page(request, SentView(email, _hours(request)), "portal/link_sent.html")


@get("/confirm/{token:str}", opt=_OPT, include_in_schema=False)
async def show_confirm(request: _Request, token: FromPath[str]) -> Response[str]:
    """Show what the link is for and ask for a password; to look, by GET or HEAD, does not use it up."""
    return await _confirm(request, token, {})


@post("/confirm/{token:str}", opt=_OPT, include_in_schema=False, status_code=200)
async def confirm(request: _Request, token: FromPath[str]) -> Response[str]:
    """Do what the link is for; it counts once."""
    form = await request.form()
    password, again = str(form.get("password", "")), str(form.get("again", ""))
    try:
        check_password(password)
        if password != again:
            return await _confirm(request, token, faults_of(request, "password-differs"))
        done = await provided(request, Registering).follow(token, password, language=language_of(request))
    except SeraiError as error:
        return await _confirm(request, token, faults_of_error(request, error))
    return page(request, DoneView(done.kind, done.waits), "portal/link_done.html")


ROUTES = [show_register, register, show_forgotten, forgotten, show_confirm, confirm]


async def _confirm(request: _Request, token: str, faults: dict[str, str]) -> Response[str]:
    link = await provided(request, Registering).look(token)
    view = ConfirmView(link.row.kind, link.said.email, link.said.name, faults)
    return page(request, view, "portal/link_confirm.html", status=_FAULTY if faults else 200)


def _register(request: _Request, view: RegisterView, *, status: int = 200) -> Response[str]:
    more = {"countries": all_countries(language_of(request))}
    return page(request, view, "portal/register.html", status=status, more=more)


def _mode(request: _Request) -> str:
    return mode_of(provided(request, Registering).node.settings)


def _hours(request: _Request) -> int:
    return provided(request, Registering).node.settings.registration.link_hours
