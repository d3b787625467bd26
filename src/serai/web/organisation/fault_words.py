"""What went wrong with a form, in the reader's language and at its field."""

from collections.abc import Mapping
from typing import Any, Final

from litestar import Request

from serai.foundation.access.passwords import PASSWORD_LENGTH_MIN
from serai.foundation.http.interface_words import interface_words, translatable
from serai.foundation.http.respond import language_of
from serai.model.errors import SeraiError

Faults = Mapping[str, str]
"""Sentences by field."""

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "name": ("name", translatable("Enter the name of the organisation.")),
    "country": ("country", translatable("Choose a country.")),
    "email-unfit": ("email", translatable("Enter an e-mail address, for example name@example.org.")),
    "tries-spent": (
        "email",
        translatable("Very many messages were asked for. Look into the mailbox, or try again in an hour."),
    ),
    "password-unfit": (
        "password",
        translatable("Use at least %(count)s characters: three or four unrelated words are good."),
    ),
    "password-differs": ("again", translatable("Type the same password twice.")),
    "sign-in-failed": ("old", translatable("This is not your password.")),
    "sign-in-locked": ("old", translatable("There were too many tries. Wait a quarter of an hour.")),
    "member-known": ("email", translatable("This person belongs to your organisation already.")),
    "members-too-many": ("email", translatable("Your organisation has as many people here as it can have.")),
    "last-manager": (
        "people",
        translatable("An organisation keeps one manager. Make somebody else one first."),
    ),
    "member-unknown": ("people", translatable("This person has left. Load the page again.")),
    "key-exists": ("reference", translatable("There is a key of this name. Its text was shown once.")),
    "reference": ("reference", translatable("Enter a name for the key.")),
    "webhook-reference": ("reference", translatable("Enter a name for the address.")),
    "webhook-url": (
        "url",
        translatable(
            "Enter an https address on the public network, for instance https://shop.example/serai."
        ),
    ),
    "webhook-exists": (
        "reference",
        translatable("There is an address of this name; it was left as it is. Its secret was shown once."),
    ),
    "webhooks-too-many": (
        "reference",
        translatable("Your organisation has as many addresses as it can have. Remove one first."),
    ),
    "scopes": ("scopes", translatable("Choose what the key may be used for.")),
    "party-has-power": (
        "keys",
        translatable("The keys of this organisation are made by the administration."),
    ),
}


def faults_of(request: Request[Any, Any, Any], *codes: str) -> dict[str, str]:
    """Return sentences by field."""
    words = interface_words(language_of(request))
    found = {}
    for code in codes:
        field, sentence = _WORDS[code]
        text = words.gettext(sentence)
        found[field] = text % {"count": PASSWORD_LENGTH_MIN} if "%(" in text else text
    return found


def faults_of_error(request: Request[Any, Any, Any], error: SeraiError) -> dict[str, str]:
    """Return what an error says at its field; one that no field can mend is raised again."""
    if error.code not in _WORDS:
        raise error
    return faults_of(request, error.code)
