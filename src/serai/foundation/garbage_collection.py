"""How often the garbage collector looks at what a process that works in batches holds."""

import gc


def collect_rarely() -> None:
    """Leave what is loaded alone from now on, and look at the rest less often.

    Batches make many objects without cycles. The threshold lies above what a large batch and the one read
    ahead hold at once: looking at those finds nothing and costs 2 us a goods item.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(800_000, 20, 100)
