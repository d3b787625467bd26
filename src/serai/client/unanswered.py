"""Errors that pass: nobody answered, or the server was busy, at every try. The same may be sent again."""

from serai.model.errors import SeraiError


class RetryLaterError(SeraiError):
    """Nothing is wrong with what was sent; later it may go through."""


def unanswered() -> RetryLaterError:
    """Return the error of a server that nobody reached."""
    return RetryLaterError(
        "server-unanswered",
        "The server did not answer, or broke off, at every try.",
        "See the address and the network; what was answered before is durable, and all may be sent again.",
    )
