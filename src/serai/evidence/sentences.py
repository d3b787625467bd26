"""What checking a receipt shows, in sentences: the same for the API, the pages and the command line."""

from typing import Final

from serai.evidence.receipt import Holds, Verdict

FAULTS: Final = {
    "base64-not-canonical": "A part of the receipt is not spelled the way the log spells it: it was changed.",
    "checkpoint-not-plain": "The signed note in the receipt is not a checkpoint of the log.",
    "cosignature-wrong": "A witness's signature under the checkpoint was not made with that witness's key.",
    "field-not-committed": "A field that was opened is not the one the log committed to.",
    "leaf-unreadable": "The receipt's leaf is none that a log of Serai writes.",
    "note-unreadable": "The signed note in the receipt cannot be read.",
    "origin-differs": "The receipt names another log than the one whose key was given.",
    "path-wrong": "The receipt's leaf does not lead to the root that the log signed.",
    "promise-unreadable": "The signed note in the receipt is not a promise of a log.",
    "quorum-missing": "Fewer of the witnesses than were asked for have signed the receipt's checkpoint.",
    "receipt-not-canonical": "The file is not byte for byte as issued, if only by a blank or a line end.",
    "receipt-unreadable": "The file is not a receipt.",
    "signature-wrong": "The signature was not made with this log's key.",
}
"""What each fault of a verdict means."""


def render_verdict(verdict: Verdict) -> str:
    """Say in a sentence what a receipt proves."""
    if not verdict.is_genuine:
        return "This receipt is not genuine, or not whole."
    if verdict.holds is Holds.PROOF:
        return (
            f"Genuine. This is a proof: the log {verdict.origin} holds the document as entry "
            f"{verdict.index}, under its signed checkpoint of {verdict.tree_size} entries."
        )
    assert verdict.integrate_by is not None, "a promise names its time"
    return (
        f"Genuine. This is a promise: the log {verdict.origin} signed that it would hold the document by "
        f"{verdict.integrate_by:%Y-%m-%d %H:%M:%S} UTC. Fetch the receipt again for the proof."
    )
