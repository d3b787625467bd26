"""Codes of the Core Business Vocabulary: the same value as URN, web URI, CURIE or bare word, in short form."""

from serai.formats.epcis.tables import CODES, FORMS
from serai.formats.epcis.tree import expand, is_uri


def shorten(text: str, code_list: str, prefixes: dict[str, str]) -> str | None:
    """Give the short value of a code (`shipping`), or the URI of somebody else's value.

    text: as written. prefixes: those in force, for CURIEs. None: the text claims to be of the standard's
    list and is not in it, or is no URI at all.
    """
    if text in CODES[code_list]:
        return text
    forms = FORMS.code_forms[code_list]
    if not forms or not is_uri(text):
        return None
    address = expand(text, prefixes)
    for form in forms:
        if address.startswith(form):
            value = address[len(form) :]
            return value if value in CODES[code_list] else None
    return address


def written(value: str, code_list: str) -> str:
    """Give the form of a code for XML: a short value as web URI, a URI as it is."""
    return f"{FORMS.written_form[code_list]}{value}" if value in CODES[code_list] else value
