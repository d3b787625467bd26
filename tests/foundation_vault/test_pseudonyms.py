"""Pseudonyms match equal values within one purpose, and nothing else."""

import pytest

from serai.foundation.keys import Secret
from serai.foundation.vault.errors import VaultError
from serai.foundation.vault.pseudonyms import PSEUDONYM_SIZE_BYTES, Pseudonymiser, Purpose

KEY = Secret("pseudonym-quota", 3, bytes(range(32)))


def test_equal_values_match_and_others_do_not() -> None:
    first, second, third = Pseudonymiser({Purpose.QUOTA: KEY}, administration_id=1).pseudonyms(
        Purpose.QUOTA, [b"a", b"b", b"a"]
    )

    assert first == third != second
    assert {len(first), len(second)} == {PSEUDONYM_SIZE_BYTES}


def test_pseudonyms_of_two_purposes_cannot_be_joined_even_under_one_key() -> None:
    maker = Pseudonymiser({Purpose.QUOTA: KEY, Purpose.SPLIT: KEY}, administration_id=1)

    assert maker.pseudonyms(Purpose.QUOTA, [b"a"]) != maker.pseudonyms(Purpose.SPLIT, [b"a"])


def test_pseudonym_names_the_version_of_its_key_and_needs_it() -> None:
    other = Secret("pseudonym-quota", 4, bytes(32))

    (old,) = Pseudonymiser({Purpose.QUOTA: KEY}, administration_id=1).pseudonyms(Purpose.QUOTA, [b"a"])
    (new,) = Pseudonymiser({Purpose.QUOTA: other}, administration_id=1).pseudonyms(Purpose.QUOTA, [b"a"])

    assert (old[0], new[0]) == (3, 4)
    assert old[1:] != new[1:]


def test_purpose_without_key_is_refused() -> None:
    with pytest.raises(VaultError, match="pseudonym-key-missing"):
        Pseudonymiser({Purpose.QUOTA: KEY}, administration_id=1).pseudonyms(Purpose.MATCH, [b"a"])


def test_key_hashes_are_two_halves_of_which_only_the_first_is_shortened() -> None:
    key = Secret("pseudonym-match", 3, bytes(range(32)))
    whole_hashes = Pseudonymiser({Purpose.MATCH: key}, administration_id=1)
    short = Pseudonymiser({Purpose.MATCH: key}, administration_id=1, shorten=lambda hashes: hashes & 1)
    values = [b"house||1", b"house||2", b"house||1"]

    first, second = whole_hashes.key_hashes(values)
    short_first, short_second = short.key_hashes(values)

    assert first[0] == first[2] != first[1]
    assert second[0] == second[2] != second[1]
    assert set(short_first.tolist()) <= {0, 1}
    assert short_second.tolist() == second.tolist()


def test_two_administrations_have_other_pseudonyms_of_one_value_under_one_key() -> None:
    one, other = (Pseudonymiser({Purpose.MATCH: KEY}, administration_id=number) for number in (1, 2))

    assert one.key_hashes([b"house||1"]) != other.key_hashes([b"house||1"])
