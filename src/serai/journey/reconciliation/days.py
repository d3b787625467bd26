"""Days between documents."""

import numpy as np

from serai.model.columns import Frame, Int64s
from serai.model.frames import ABSENT

DAY_MS = 86_400_000


def day_of_documents(documents: Frame) -> Int64s:
    """Return the day (UTC, since 1970) of each document; ABSENT where it states none."""
    instants = documents.numbers("happened_at")
    return np.where(instants == ABSENT, ABSENT, instants // DAY_MS)
