"""To what address a notice goes: an e-mail address as it was declared, or a telephone by way of a gateway."""

import re
from email.errors import HeaderParseError
from email.headerregistry import Address
from typing import Final

_LENGTH_MAX: Final = 254
_PHONE: Final = re.compile(r"\+?[0-9]{6,15}")
_DOMAIN: Final = re.compile(
    r"(?=.{3,190}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}", re.IGNORECASE
)


def read_email(text: str) -> str | None:
    """Return an address as it goes to the server; None: nothing can be sent there. One address, in ASCII but
    for its domain, without name, comment or line end."""
    text = text.strip()
    local, at, domain = text.rpartition("@")
    try:
        plain = f"{local}@{domain.encode('idna').decode()}"
        address = Address(addr_spec=plain)
    except (HeaderParseError, UnicodeError, ValueError, IndexError):
        return None
    is_plain = plain.isascii() and plain.isprintable() and not set(plain) & set(' "<>,;:\\()[]')
    if (
        not at
        or not local
        or not is_plain
        or len(plain) > _LENGTH_MAX
        or not _DOMAIN.fullmatch(address.domain)
    ):
        return None
    return plain


def read_phone(text: str, gateway_domain: str) -> str | None:
    """Return the gateway's address of a telephone number; None: no number, or no gateway."""
    number = re.sub(r"[\s()./-]", "", text)
    if not gateway_domain or not _PHONE.fullmatch(number):
        return None
    return f"{number.removeprefix('+')}@{gateway_domain}"
