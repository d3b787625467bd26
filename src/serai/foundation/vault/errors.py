"""What can be wrong with the vault or with a call to it. Messages never hold personal data."""

from serai.model.errors import SeraiError


class VaultError(SeraiError):
    """The vault cannot or must not do this; `code` says why."""
