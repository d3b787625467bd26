"""Words of an alphabet in Latin letters."""

from hypothesis import given
from hypothesis import strategies as st
from rigour._core import maybe_ascii

from serai.model.names.similarity.letters import plain_words

RUSSIAN = "".join(map(chr, range(0x430, 0x450)))


@given(st.text(alphabet=RUSSIAN, min_size=1, max_size=14).filter(lambda word: word.strip("\u044a\u044c")))
def test_russian_words_read_letter_by_letter_are_read_as_the_library_reads_them(word: str) -> None:
    words, vowelless = plain_words(word)

    assert words == (maybe_ascii(word),)
    assert not vowelless
