"""The page that says of each law until when a source confirms it, and what kind of pages its sources are.

`python -m tools.law_sources > docs/reference/law-sources.md`
"""

import sys
from collections.abc import Mapping

from serai.foundation.shipped import find_shipped, read_law_files
from serai.laboratory.law_bench.citations import KINDS, Publisher, count_kinds, read_publishers
from serai.law.library import PackFiles, decode_packs
from serai.law.pack import Pack

TEXT = """# Until when each law is confirmed, and by what

Written by `tools/law_sources.py` from the packs. *Confirmed until* is the last day on which a source shows
the law in force (`verified_until` of the pack): an answer of a later day says that the law is not confirmed
since. *Not stated*: no source of the pack says a day. The numbers count sources by what was read: an act; a
page of an authority; a mirror, which repeats an act; firms, press and forwarders, which tell what an act
says; *none*: the act is named without a page, mostly from general knowledge. What is planned, a draft or
ended is left out.

{count} packs in force: {confirmed} name the day until which they are confirmed. Of {sources} sources
{official} are acts, authorities or mirrors, {others} firms, press or forwarders, and {none} are named
without a page.

| pack | in force from | to | confirmed until | sure | {kinds} | none |
|---|---|---|---|---|{lines}---|
{rows}
"""


def main() -> None:
    """Print the page."""
    sys.stdout.write(build_page(read_law_files(find_shipped("laws"))))


def build_page(files: PackFiles) -> str:
    """Write the page of the packs of a folder."""
    publishers = read_publishers(files)
    packs = [pack for _, pack in sorted(decode_packs(files).items()) if pack.status == "in_force"]
    counts = [count_kinds(pack, publishers) for pack in packs]
    every = sum(counts[1:], counts[0])
    return TEXT.format(
        count=len(packs),
        confirmed=sum(pack.verified_until is not None for pack in packs),
        sources=every.total(),
        official=sum(every[kind] for kind in KINDS[:3]),
        others=sum(every[kind] for kind in KINDS[3:]),
        none=every["none"],
        kinds=" | ".join(KINDS),
        lines="---|" * len(KINDS),
        rows="\n".join(_row(pack, publishers) for pack in packs),
    )


def _row(pack: Pack, publishers: Mapping[str, Publisher]) -> str:
    counts = count_kinds(pack, publishers)
    numbers = " | ".join(str(counts[kind] or "") for kind in (*KINDS, "none"))
    confirmed = "not stated" if pack.verified_until is None else str(pack.verified_until)
    ends = "open" if pack.valid_to is None else str(pack.valid_to)
    return f"| `{pack.code}` | {pack.valid_from} | {ends} | {confirmed} | {pack.confidence} | {numbers} |"


if __name__ == "__main__":
    main()
