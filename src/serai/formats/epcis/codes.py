"""Codes of the Core Business Vocabulary in short form, whether sent as URN, web URI, CURIE or bare word."""

from serai.formats.epcis.tables import CODES, FORMS
from serai.formats.epcis.tree import Prefixes, expand, is_uri


def shorten(text: str, code_list: str, prefixes: Prefixes) -> str | None:
    """Give the short value of a code (`shipping`), or the URI of somebody else's value.

    text: as written. prefixes: those in force, for CURIEs. None: the text claims to be of the standard's
    list and is not in it, or is no URI at all. A list that grows gives the web URI of such a value.
    """
    if text in CODES[code_list]:
        return text
    forms = FORMS.code_forms[code_list]
    if not forms:
        return None
    is_growing = code_list in FORMS.growing_lists
    address = expand(text, prefixes) if ":" in text or not is_growing else f"{forms[0]}{text}"
    if not is_uri(address):
        return None
    for form in forms:
        if address.startswith(form):
            value = address[len(form) :]
            return value if value in CODES[code_list] else f"{forms[0]}{value}" if is_growing else None
    return None if address.startswith(tuple(FORMS.own_namespaces)) else address


def is_new(value: str, code_list: str) -> bool:
    """Say whether a short value is of the standard's own namespace and younger than our list."""
    return code_list in FORMS.growing_lists and value.startswith(tuple(FORMS.code_forms[code_list]))


def written(value: str, code_list: str) -> str:
    """Give the form of a code for XML: a short value as web URI, a URI as it is."""
    return f"{FORMS.written_form[code_list]}{value}" if value in CODES[code_list] else value
