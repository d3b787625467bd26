"""The providers at which people may sign in, as a file says (setting `sign_in.providers_file`)."""

from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from serai.model.errors import SeraiError

PROVIDERS_COUNT_MAX: Final = 10
_ON_THIS_MACHINE: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})


class Provider(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A provider of identities.

    name: in addresses. title: on the page. issuer: as it names itself. client_secret_file: empty for a client
    without a secret. second_factor_methods, second_factor_classes: values of `amr` and `acr` (OpenID Connect
    Core, 2; RFC 8176) by which it says that a second factor was shown; without them ours is asked for where
    it is due.
    """

    name: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,29}$")]
    title: Annotated[str, Meta(min_length=1, max_length=70)]
    issuer: Annotated[str, Meta(min_length=1, max_length=255)]
    client_id: Annotated[str, Meta(min_length=1, max_length=255)]
    client_secret_file: str = ""
    second_factor_methods: list[str] = []
    second_factor_classes: list[str] = []

    def read_secret(self) -> str:
        """Return the secret of the client; empty: it has none. Error: `wrong-setting`."""
        if not self.client_secret_file:
            return ""
        try:
            return Path(self.client_secret_file).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as fault:
            raise _wrong(f"the secret of the provider {self.name} cannot be read") from fault


def read_providers(path: str) -> tuple[Provider, ...]:
    """Return the providers of a YAML file; none where no file is named. Error: `wrong-setting`."""
    if not path:
        return ()
    try:
        found = msgspec.yaml.decode(Path(path).read_bytes(), type=list[Provider])
    except OSError as fault:
        raise _wrong(f"{path} cannot be read") from fault
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise _wrong(f"{path}: {fault}") from fault
    if len(found) > PROVIDERS_COUNT_MAX or len({one.name for one in found}) < len(found):
        raise _wrong(f"{path} names a provider twice, or more than {PROVIDERS_COUNT_MAX}")
    for one in found:
        if not is_safe_address(one.issuer, one.issuer):
            raise _wrong(f"{path}: {one.issuer} is not an address of https")
    return tuple(found)


def is_safe_address(address: str, issuer: str) -> bool:
    """Say whether an address is one of https; on this machine alone, http where the issuer is of it, too."""
    parts = urlsplit(address)
    if parts.scheme == "https":
        return bool(parts.netloc)
    host = parts.netloc.rpartition("@")[2].rpartition(":")[0] or parts.netloc
    return parts.scheme == "http" and host in _ON_THIS_MACHINE and issuer.startswith("http:")


def _wrong(why: str) -> SeraiError:
    return SeraiError(
        "wrong-setting",
        f"Setting sign_in.providers_file cannot be used: {why}.",
        "Correct it and start again; the how-to about signing in elsewhere says what it holds.",
    )
