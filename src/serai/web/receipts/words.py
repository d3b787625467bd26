"""Why a receipt is not what it says, and what to do: in English, said by pages in the reader's language."""

from typing import Final, NamedTuple

from serai.foundation.http.interface_words import translatable


class FaultWords(NamedTuple):
    """A sentence, and the next step."""

    sentence: str
    next_step: str


_FETCH_AGAIN: Final = translatable(
    "Fetch the receipt again where it was issued and keep the file unchanged: no editor, no blanks added. If "
    "it is refused there, send this file to the administration and keep a copy."
)
_CHANGED: Final = translatable(
    "The signed part of it cannot be read: it was changed, or never came from Serai."
)

FAULT_WORDS: Final = {
    "receipt-unreadable": FaultWords(
        translatable("This is not a receipt of Serai."),
        translatable(
            'A receipt is one line that begins with {"format":"serai-receipt-1". Choose that file, or paste '
            "all of it."
        ),
    ),
    "receipt-not-canonical": FaultWords(
        translatable("It is not byte for byte as it was issued, if only by a blank or a line end."),
        _FETCH_AGAIN,
    ),
    "base64-not-canonical": FaultWords(
        translatable("A part of it is not spelled the way the log spells it: it was changed."), _FETCH_AGAIN
    ),
    "note-unreadable": FaultWords(_CHANGED, _FETCH_AGAIN),
    "promise-unreadable": FaultWords(_CHANGED, _FETCH_AGAIN),
    "checkpoint-not-plain": FaultWords(_CHANGED, _FETCH_AGAIN),
    "leaf-unreadable": FaultWords(_CHANGED, _FETCH_AGAIN),
    "signature-wrong": FaultWords(
        translatable("It is not signed with the key of this log."),
        translatable(
            "Do not rely on it. Ask whoever gave it to you for the original file, or fetch it anew from the "
            "log that it names."
        ),
    ),
    "origin-differs": FaultWords(
        translatable("It is signed with the key of this log, but under another name."),
        translatable("Do not rely on it, and tell the administration: its key may be in other hands."),
    ),
    "path-wrong": FaultWords(
        translatable("Its entry does not lead to what the log has signed: the one or the other was changed."),
        _FETCH_AGAIN,
    ),
    "cosignature-wrong": FaultWords(translatable("The signature of a witness in it is wrong."), _FETCH_AGAIN),
    "field-not-committed": FaultWords(
        translatable("The receipt is genuine, but what you gave with it is not what the log committed to."),
        translatable(
            "Check that the document and its salt belong to this receipt and are unchanged. To see what the "
            "receipt proves by itself, check it without them."
        ),
    ),
}
"""By the codes of `evidence.sentences`; of several faults the first that stands here is told."""
