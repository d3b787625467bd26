"""What went wrong with an administrator's form, in the reader's language and at its field."""

from collections.abc import Mapping
from typing import Any, Final

from litestar import Request

from serai.foundation.http.interface_words import interface_words, translatable
from serai.foundation.http.respond import language_of
from serai.model.errors import SeraiError

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "name": ("name", translatable("Enter a name.")),
    "address": ("address", translatable("Enter the address.")),
    "hours": ("hours", translatable("Enter the opening hours.")),
    "contact": ("contact", translatable("Enter a telephone number, an e-mail address or a page.")),
    "roles": ("roles", translatable("Choose at least one role.")),
    "scopes": ("scopes", translatable("Choose what the key may be used for.")),
    "reference": ("reference", translatable("Enter a reference: letters, digits, dots and lines.")),
    "identifier": ("identifier", translatable("Enter an identifier without blanks.")),
    "country_codes": ("country_codes", translatable("Enter two capital letters for each country.")),
    "channel_codes": ("channel_codes", translatable("Enter channels in small letters, for instance post.")),
    "valid_from": (
        "valid_from",
        translatable("Enter a day as year-month-day, for instance 2026-11-30."),
    ),
    "packs": ("packs", translatable("Choose the ZIP file of the packs.")),
    "packs_faulty": ("told", translatable("The packs are faulty. Nothing has changed.")),
    "list_kind": ("list_kind", translatable("Choose a kind of list.")),
    "list_name": ("list_name", translatable("Enter a name: letters, digits, blanks, dots and lines.")),
    "list": ("list", translatable("Choose the file of the list.")),
    "list_faulty": ("told", translatable("The list is faulty. Nothing has changed.")),
    "subject": ("subject", translatable("Enter what the provider calls this person.")),
    "identity-taken": ("subject", translatable("Another account is this person of the provider.")),
    "sign_in_name": ("sign_in_name", translatable("Enter a name to sign in with.")),
    "sign-in-name-missing": ("sign_in_name", translatable("Enter a name to sign in with.")),
    "account_roles": ("account_roles", translatable("Choose at least one role.")),
    "account-exists": ("sign_in_name", translatable("This name is taken.")),
    "account-own": ("account", translatable("This is your own account: another administrator changes it.")),
    "account-last": (
        "account",
        translatable("Nobody else may administer: give another account that role first."),
    ),
    "office-date-past": ("valid_from", translatable("This day is past. Enter today or a later day.")),
    "reference-reused": ("reference", translatable("This reference belongs to another party.")),
    "identifier-taken": ("identifier", translatable("Another party has this identifier.")),
    "key-exists": ("reference", translatable("There is a key of this name. Its text was shown once.")),
}


def faults_of(request: Request[Any, Any, Any], *codes: str) -> dict[str, str]:
    """Return sentences by field."""
    words = interface_words(language_of(request))
    return {field: words.gettext(sentence) for field, sentence in map(_WORDS.__getitem__, codes)}


def faults_of_error(request: Request[Any, Any, Any], error: SeraiError) -> dict[str, str]:
    """Return what an error says at its field; one that no field can mend is raised again."""
    if error.code not in _WORDS:
        raise error
    return faults_of(request, error.code)
