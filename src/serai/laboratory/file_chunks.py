"""How a file without a server is worked through: so much at once, by one nameless declarant."""

from typing import Final

CHUNK_CONSIGNMENTS: Final = 12_000
DECLARANT: Final = "decide"
