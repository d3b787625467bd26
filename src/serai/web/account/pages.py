"""The page on which people look after their account: the password, and where they are signed in."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from serai.foundation.access.own_account import (
    OpenSession,
    change_own_password,
    end_other_sessions,
    list_sessions,
)
from serai.foundation.access.passkeys.store import PasskeyRow
from serai.foundation.access.passwords import check_password
from serai.foundation.http.guards import client_network
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, kit_of, own_cookie, page
from serai.foundation.id_text import format_id, parse_id
from serai.model.errors import SeraiError
from serai.web.organisation.fault_words import faults_of, faults_of_error
from serai.web.organisation.registering import Registering

_Request = Request[Any, Any, Any]
_OPT: Final = {"act": "account.use"}
_FAULTY: Final = 422


class AccountView(msgspec.Struct, frozen=True):
    """What the page shows. time_zone: of the administration; faults: by field; ended: how many sessions were
    ended a moment ago."""

    sessions: list[OpenSession]
    time_zone: str
    faults: dict[str, str] = {}
    ended: int | None = None
    passkeys: list[PasskeyRow] = []
    said: str = ""


@get("/account", opt=_OPT, include_in_schema=False)
async def show_account(request: _Request) -> Response[str]:
    """Show the account of whoever is signed in."""
    return await show(request, {})


@post("/account/password", opt=_OPT, include_in_schema=False, status_code=303)
async def change_password(request: _Request) -> Response[Any]:
    """Change the password; whoever did so signs in anew, here as everywhere."""
    form = await request.form()
    old, new = str(form.get("old", "")), str(form.get("password", ""))
    kit = kit_of(request)
    try:
        check_password(new)
        if new != str(form.get("again", "")):
            return await show(request, faults_of(request, "password-differs"), status=_FAULTY)
        by = provided(request, Registering).acting(f"account:{account_id_of(request)}")
        await change_own_password(
            kit.sign_in, by, account_id_of(request), old=old, new=new, network=client_network(request)
        )
    except SeraiError as error:
        return await show(request, faults_of_error(request, error), status=_FAULTY)
    gone = own_cookie(kit.session_cookie, "", has_https=kit.pages.site.has_https, max_age_s=0)
    headers = {"location": "/sign-in?next=%2Faccount", "cache-control": "no-store"}
    return Response(None, status_code=303, headers=headers, cookies=[gone])


@post("/account/sessions", opt=_OPT, include_in_schema=False, status_code=200)
async def sign_out_elsewhere(request: _Request) -> Response[str]:
    """End all other sessions of the account."""
    kit = kit_of(request)
    async with kit.database.write() as connection:
        ended = await end_other_sessions(
            connection,
            account_id_of(request),
            administration_id=kit.administration_id,
            at=kit.clock.now(),
            this=request.cookies.get(kit.session_cookie, ""),
        )
    return await show(request, {}, ended=ended)


@post("/account/passkeys/options", opt=_OPT, include_in_schema=False, status_code=200)
async def ask_to_register(request: _Request) -> Response[dict[str, Any]]:
    """Say what a new passkey has to sign, to whoever shows the password; it counts as a try to sign in."""
    form = await request.form()
    kit, at, account_id = kit_of(request), kit_of(request).clock.now(), account_id_of(request)
    account = await kit.sign_in.show_password(
        account_id, str(form.get("old", "")), client_network(request), at
    )
    cookie = request.cookies.get(kit.session_cookie, "")
    options = await kit.passkeys.ask_to_register(account_id, account.sign_in_name, cookie, at)
    return Response(options, headers={"cache-control": "no-store"})


@post("/account/passkeys", opt=_OPT, include_in_schema=False, status_code=200)
async def register_passkey(request: _Request) -> Response[str]:
    """Keep the passkey that the browser has made for what this session was asked."""
    form = await request.form()
    kit, account_id = kit_of(request), account_id_of(request)
    name = " ".join(str(form.get("name", "")).split())
    by = provided(request, Registering).acting(f"account:{account_id}")
    await kit.passkeys.register(
        by,
        account_id,
        request.cookies.get(kit.session_cookie, ""),
        name if name and name.isprintable() else "passkey",
        str(form.get("answer", "")),
    )
    return await show(request, {}, said="passkey-added")


@post("/account/passkeys/{passkey:str}/removal", opt=_OPT, include_in_schema=False, status_code=303)
async def remove_passkey(request: _Request, passkey: FromPath[str]) -> Response[Any]:
    """Remove a passkey of one's own, by the password."""
    form = await request.form()
    kit, account_id = kit_of(request), account_id_of(request)
    by = provided(request, Registering).acting(f"account:{account_id}")
    try:
        await kit.sign_in.show_password(account_id, str(form.get("old", "")), client_network(request), by.at)
    except SeraiError as error:
        return await show(request, faults_of_error(request, error), status=_FAULTY)
    await kit.passkeys.remove(by, account_id, parse_id(passkey))
    return Response(None, status_code=303, headers={"location": "/account"})


ROUTES = [
    show_account, change_password, sign_out_elsewhere, ask_to_register, register_passkey, remove_passkey,
]  # fmt: skip


def account_id_of(request: _Request) -> int:
    """Return the account of whoever is signed in."""
    credential = actor_of(request).credential_id or ""
    assert credential.startswith("account:"), "no key has the scope of one's own account"
    return int(credential.partition(":")[2])


async def show(
    request: _Request, faults: dict[str, str], *, ended: int | None = None, said: str = "", status: int = 200
) -> Response[str]:
    """Answer with the page."""
    kit = kit_of(request)
    async with kit.database.write() as connection:
        sessions = await list_sessions(
            connection,
            account_id_of(request),
            administration_id=kit.administration_id,
            at=kit.clock.now(),
            this=request.cookies.get(kit.session_cookie, ""),
        )
    time_zone = provided(request, Registering).node.settings.administration.time_zone
    passkeys = await kit.passkeys.list_of(account_id_of(request))
    view = AccountView(sessions, time_zone, faults, ended, passkeys, said)
    return page(request, view, "portal/account.html", status=status, more={"format_id": format_id})
