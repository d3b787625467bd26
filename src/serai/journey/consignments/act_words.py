"""Why somebody acted, in words: they may name people, so they lie in the vault under the act's id, alone or
as part of the document that the act brought.
"""

from collections.abc import Sequence

import msgspec

from serai.foundation.vault.epochs import Write
from serai.foundation.vault.keyring import Keyring
from serai.foundation.vault.reading import Reach, open_messages
from serai.foundation.vault.records import MessageCodec


class _Words(msgspec.Struct, frozen=True, omit_defaults=True):
    """Of a message that holds them: a record of the act, an amended document, or an assessment before
    loading.
    """

    reason: str | None = None
    amendment_reason: str | None = None
    words: str | None = None


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(_Words)


def write_act_words(reason: str) -> bytes:
    """Return the message that holds an act's words alone."""
    return _ENCODER.encode(_Words(reason=reason))


async def read_act_words(
    write: Write, keyring: Keyring, codec: MessageCodec, act_ids: Sequence[int], reach: Reach
) -> dict[int, str]:
    """Return the words of acts; of those that were erased nothing. Each reading is recorded."""
    if not act_ids:
        return {}
    opened = await open_messages(write, keyring, codec, act_ids, reach)
    found = {act_id: _DECODER.decode(one.value) for act_id, one in opened.items()}
    return {act_id: one.amendment_reason or one.reason or one.words or "" for act_id, one in found.items()}
