"""SipHash-2-4 of columns: as its authors say, and nothing that can be foreseen without the key."""

import numpy as np

from serai.foundation.keyed_hash import sip_hash

KEY = bytes(range(16))


def test_it_is_what_its_authors_worked_out() -> None:
    """The example of the paper, appendix A: key 00 to 0f, message 00 to 0e."""
    message = bytes(range(15))
    words = [np.full(3, int.from_bytes(message[:8], "little"), dtype=np.uint64)]
    last = int.from_bytes(message[8:], "little") | 15 << 56

    assert sip_hash(KEY, words, last).tolist() == [0xA129CA6149BE45E5] * 3


def test_each_bit_of_key_and_message_turns_half_of_the_hash() -> None:
    numbers = np.arange(2_000, dtype=np.uint64)
    plain = sip_hash(KEY, [numbers, numbers], 16 << 56)
    other_key = sip_hash(KEY[:-1] + b"\x0e", [numbers, numbers], 16 << 56)
    other_word = sip_hash(KEY, [numbers, numbers ^ np.uint64(1 << 40)], 16 << 56)

    for other in (other_key, other_word):
        turned = np.bitwise_count(plain ^ other).mean()
        assert 31.5 < turned < 32.5
    assert len(set(plain.tolist())) == 2_000
