"""To which addresses webhooks may go: https, and hosts of the public network; nothing inside our own.

Whoever registers an address chooses where this server sends a request, so every name is resolved here, every
one of its addresses is judged, and the connection goes to the address that was judged.
"""

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

import msgspec

from serai.foundation.http.problems import InputFault, InputFaultyError
from serai.model.errors import SeraiError

URL_LENGTH_MAX: Final = 500
_NAT64: Final = IPv6Network("64:ff9b::/96")

Address = IPv4Address | IPv6Address


class Reach(msgspec.Struct, frozen=True):
    """What is allowed. allows_loopback: this machine, also without https. allows_private: networks behind
    no public address."""

    allows_loopback: bool
    allows_private: bool


class Target(msgspec.Struct, frozen=True):
    """Where a request goes. address: that of the host, already judged; host: for Host and the certificate."""

    scheme: str
    host: str
    port: int
    path: str
    address: str

    @property
    def url(self) -> str:
        """The URL by address, not by name: it cannot be resolved to something else meanwhile."""
        literal = f"[{self.address}]" if ":" in self.address else self.address
        return f"{self.scheme}://{literal}:{self.port}{self.path}"

    @property
    def host_header(self) -> str:
        """The Host header: the name, and the port where it is not the usual one."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == _PORTS[self.scheme] else f"{name}:{self.port}"


_PORTS: Final = {"https": 443, "http": 80}


def check_url(url: str, reach: Reach) -> None:
    """Refuse what can never be told to. Raises InputFaultyError with a fault at `/url`."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise _unfit("This is no URL.", "Write it like https://shop.example/serai.") from None
    is_plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    if not is_plain or not host or port == 0 or len(url) > URL_LENGTH_MAX:
        raise _unfit("This is no URL of a host.", "Write it like https://shop.example/serai, in ASCII.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise _unfit(
            "It holds a name, a password or a fragment.", "Leave out what stands before @ or after #."
        )
    literal = _literal(host)
    is_here = host == "localhost" or (literal is not None and literal.is_loopback)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_here and reach.allows_loopback):
        raise _unfit("Events are told by https only.", "Give an https address.")
    if (is_here and not reach.allows_loopback) or (literal is not None and not may_reach(literal, reach)):
        raise _unfit("This address is not on the public network.", "Give an address that others can reach.")


async def find_target(url: str, reach: Reach) -> Target:
    """Resolve the host of a URL that was checked. Errors: `webhook-host-unknown`, `webhook-host-private`.

    One address of the host that is not allowed refuses them all: whoever answers for the name cannot have a
    public one judged and a private one used.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or _PORTS[parts.scheme]
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as fault:
        raise SeraiError(
            "webhook-host-unknown", "The host of the webhook has no address.", "Correct its name."
        ) from fault
    addresses = [str(where[0]).partition("%")[0] for *_, where in found]
    if not addresses or not all(may_reach(ip_address(one), reach) for one in addresses):
        raise SeraiError(
            "webhook-host-private",
            "The host of the webhook has an address that is not on the public network.",
            "Give a host that others can reach; the setting webhooks.allows_private opens private networks.",
        )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path, addresses[0])


def may_reach(address: Address, reach: Reach) -> bool:
    """Say whether a request may go to an address."""
    inner = _inner(address)
    if inner is not None:
        return may_reach(inner, reach)
    if address.is_loopback:
        return reach.allows_loopback
    if address.is_multicast or address.is_unspecified or address.is_link_local or address.is_reserved:
        # Link-local is where clouds keep their metadata: never, whatever is allowed.
        return False
    return address.is_global or (reach.allows_private and address.is_private)


def _inner(address: Address) -> IPv4Address | None:
    """Return the IPv4 address that an IPv6 one stands for: what is reached is that one."""
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _unfit(detail: str, remedy: str) -> InputFaultyError:
    fault = InputFault("/url", "url-unfit", detail, remedy)
    return InputFaultyError((fault,), "The webhook cannot be sent there.", "Correct what 'errors' names.")
