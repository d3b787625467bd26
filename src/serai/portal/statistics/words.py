"""What measures, their ends, channels and modes of transport are called on the page."""

from collections.abc import Mapping
from typing import Final

from serai.foundation.http.interface_words import translatable

MEASURES: Final[Mapping[str, str]] = {
    "hold": translatable("Held"),
    "examination-ordered": translatable("Examination ordered"),
    "suspension": translatable("Release suspended"),
    "detention": translatable("Detained"),
    "seizure": translatable("Seized"),
    "refusal": translatable("Release refused"),
    "release": translatable("Released"),
    "release-against-security": translatable("Released against security"),
    "confiscation": translatable("Confiscated"),
    "abandonment": translatable("Abandoned to the State"),
    "destruction": translatable("Destroyed"),
    "return-to-sender": translatable("Returned to sender"),
    "taken-back": translatable("Taken back"),
    "open": translatable("Not ended yet"),
}
CHANNELS: Final[Mapping[str, str]] = {
    "post": translatable("Post"),
    "express": translatable("Express"),
    "cargo": translatable("Cargo"),
    "bonded": translatable("Bonded warehouse"),
    "personal": translatable("Carried by a person"),
}
MODES: Final[Mapping[str, str]] = {
    "1": translatable("Sea"),
    "2": translatable("Rail"),
    "3": translatable("Road"),
    "4": translatable("Air"),
    "5": translatable("Mail"),
    "6": translatable("Several modes"),
    "7": translatable("Fixed installation"),
    "8": translatable("Inland waterway"),
    "9": translatable("Other mode"),
    "not-stated": translatable("Mode not stated"),
}
"""By the codes of UN/ECE Recommendation 19."""
