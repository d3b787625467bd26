"""Words for codes that pages of the administration name: roles, what keys are for, kinds of lists."""

from collections.abc import Mapping
from typing import Final

from serai.foundation.http.interface_words import interface_words, translatable
from serai.model.languages import DEFAULT_LANGUAGE

_WORDS: Final[Mapping[str, str]] = {
    "officer": translatable("officer"),
    "supervisor": translatable("supervisor"),
    "analyst": translatable("analyst"),
    "legal": translatable("legal officer"),
    "auditor": translatable("auditor"),
    "admin": translatable("administrator"),
    "agency": translatable("agency"),
    "platform": translatable("platform"),
    "seller": translatable("seller"),
    "payment_provider": translatable("payment provider"),
    "carrier": translatable("carrier"),
    "post": translatable("post"),
    "declarant": translatable("declarant"),
    "rights_holder": translatable("rights holder"),
    "buyer": translatable("buyer"),
    "partner_customs": translatable("partner customs"),
    "lodging": translatable("lodging"),
    "quoting": translatable("quoting"),
    "reading": translatable("reading"),
    "denied-parties": translatable("denied parties"),
    "exchange-rates": translatable("exchange rates"),
    "scheme-register": translatable("scheme register"),
    "tariff": translatable("tariff"),
    "risk-model": translatable("risk model"),
}


def code_word(code: str, *, language: str = DEFAULT_LANGUAGE) -> str:
    """Return the word for a code; one that has none is said as it is."""
    word = _WORDS.get(code)
    return code if word is None else interface_words(language).gettext(word)
