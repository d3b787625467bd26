"""What is said of what is not there and of what is another party's: the same, so that nobody can tell."""

from serai.model.errors import SeraiError


def not_found() -> SeraiError:
    """Return the error for a reference or case that is nobody's or not the asker's."""
    return SeraiError(
        "not-found", "There is nothing here under this name.", "Check reference or case number."
    )
