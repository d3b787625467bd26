"""The error of a server that nobody reached, after every try."""

from serai.model.errors import SeraiError


def unanswered() -> SeraiError:
    """Return the error."""
    return SeraiError(
        "server-unanswered",
        "The server did not answer, or broke off, at every try.",
        "See the address and the network; what was answered before is durable, and all may be sent again.",
    )
