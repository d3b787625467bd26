"""In whose name a page lodges: whoever is signed in and may, else the party whose key was typed.

A form that lodges carries what was typed, so that it comes back whole where nobody may send yet, or where the
session is another than the one it was made in.
"""

import time
from typing import Any, Final

from litestar import Request

from serai.foundation.access.actor import Actor, Means
from serai.foundation.access.secrets import form_token_matches
from serai.foundation.access.table import may, require
from serai.foundation.http.guards import FORM_FIELD
from serai.foundation.http.interface_words import interface_words
from serai.foundation.http.respond import actor_of, form_secret_of, kit_of, language_of
from serai.model.errors import SeraiError

_Request = Request[Any, Any, Any]
_ACT: Final = "declarations.lodge"
KEY_FIELD: Final = "key"


def asks_who_sends(request: _Request) -> dict[str, bool]:
    """Return what `portal/sender.html` asks by: whether a key is needed, and whether somebody is signed in
    who may not send."""
    actor = actor_of(request)
    return {"needs_key": not may(actor, _ACT), "is_signed_in": actor.means is not Means.NONE}


async def find_sender(request: _Request) -> Actor:
    """Return who sends what the form of this request holds.

    Raises SeraiError: `sign-in-needed`, what is wrong with a key, that its party may not, and
    `form-token-missing` where our page did not ask in the session that is open now.
    """
    given = await request.form()
    words = interface_words(language_of(request))
    actor, typed = actor_of(request), given.get(KEY_FIELD)
    key = typed.strip() if isinstance(typed, str) else ""
    if not may(actor, _ACT) and key:
        kit = kit_of(request)
        actor = await kit.keys.find_actor(key, kit.clock.now(), time.monotonic())
    if actor.means is Means.NONE:
        raise SeraiError(
            "sign-in-needed",
            words.gettext("Sign in to send it."),
            words.gettext("The sign-in opens in a tab of its own; come back here and send. Nothing is lost."),
        )
    require(actor, _ACT)
    if not _is_of_this_session(request, given.get(FORM_FIELD)):
        raise SeraiError(
            "form-token-missing",
            words.gettext(
                "You have signed in or out since. Nothing is lost: look it over and send it again."
            ),
            "",
        )
    return actor


def _is_of_this_session(request: _Request, given: object) -> bool:
    """Say whether our page asked, in the session that is open now: other sites cannot send in its name."""
    if actor_of(request).means is Means.API_KEY:
        return True
    secret = form_secret_of(request, kit_of(request))
    return bool(secret) and isinstance(given, str) and form_token_matches(str(secret), given)
