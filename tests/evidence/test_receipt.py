"""A receipt says what it holds, opens what is opened, and fails when anything in it changes."""

import hashlib
from datetime import UTC, datetime, timedelta
from itertools import zip_longest

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serai.evidence.errors import EvidenceError
from serai.evidence.hashing import leaf_hashes, paths, tree_levels
from serai.evidence.leaf import (
    MAGIC,
    Commitments,
    Opening,
    commit_batch,
    find_position,
    pack_ids,
    pack_leaves,
    random_size_bytes,
    read_leaf,
    unpack_ids,
    unpack_leaves,
)
from serai.evidence.notes import (
    Checkpoint,
    encode_bytes,
    open_checkpoint,
    read_note,
    read_verifier_key,
    sign_checkpoint,
    sign_note,
    write_verifier_key,
)
from serai.evidence.promise import BatchPromise, promise_batch, restore_batch
from serai.evidence.receipt import (
    Holds,
    Receipt,
    encode_receipt,
    promise_receipt,
    promise_receipts,
    proof_receipt,
    verify_receipt,
)
from serai.evidence.tiles import split_hashes
from tests.evidence.signing import SeedSigner

SIGNER = SeedSigner(1)
ORIGIN = "log.serai.example/main"
AT = datetime(2026, 7, 1, 12, 0, 0, 250_000, tzinfo=UTC)
FIELDS = ("document", "consignor", "consignee", "decision")


def commit(count: int) -> tuple[Commitments, dict[str, list[bytes]]]:
    fields = {name: [b"%s %d" % (name.encode(), number) for number in range(count)] for name in FIELDS}
    random_bytes = bytes(place * 7 % 251 for place in range(random_size_bytes(count, len(fields))))
    ids = range(1000, 1000 + count)
    found = commit_batch(
        1,
        AT,
        leaf_ids=ids,
        fields=fields,
        random_bytes=random_bytes,
    )
    return found, fields


def promised_batch(count: int) -> BatchPromise:
    leaves = commit(count)[0].leaf_data
    return promise_batch(
        leaves, SIGNER, origin=ORIGIN, batch_id=1000, integrate_by=AT + timedelta(seconds=2), at=AT
    )


def promised(count: int) -> list[bytes]:
    return promise_receipts(promised_batch(count))


@pytest.mark.parametrize("count", [1, 2, 13])
def test_receipts_of_a_batch_are_byte_for_byte_those_written_one_by_one(count: int) -> None:
    batch = promised_batch(count)

    assert promise_receipts(batch) == [encode_receipt(promise_receipt(batch, p)) for p in range(count)]


def proven(count: int, index: int) -> bytes:
    leaves = commit(count)[0].leaf_data
    levels = tree_levels(leaf_hashes(leaves))
    note = sign_checkpoint(Checkpoint(ORIGIN, count, levels[-1][0]), SIGNER)
    return encode_receipt(proof_receipt(leaves[index], index, split_hashes(paths(levels)[index]), note))


@pytest.mark.parametrize("count", [1, 2, 5, 64, 100])
def test_every_promise_of_a_batch_verifies(count: int) -> None:
    for number, receipt in enumerate(promised(count)):
        verdict = verify_receipt(receipt, SIGNER.public_key)

        assert verdict.is_genuine
        assert verdict.holds is Holds.PROMISE
        assert verdict.origin == ORIGIN
        assert verdict.integrate_by == AT + timedelta(seconds=2)
        assert verdict.leaf is not None
        assert (verdict.leaf.leaf_id, verdict.leaf.at) == (1000 + number, AT)


def test_proof_names_its_place_in_the_log() -> None:
    verdict = verify_receipt(proven(100, 42), SIGNER.public_key)

    assert verdict.is_genuine
    assert (verdict.holds, verdict.index, verdict.tree_size) == (Holds.PROOF, 42, 100)


@pytest.mark.parametrize(
    "receipt", [promised(1)[0], promised(11)[10], proven(1, 0), proven(11, 10), proven(13, 4)]
)
def test_one_changed_byte_anywhere_makes_it_fail(receipt: bytes) -> None:
    assert verify_receipt(receipt, SIGNER.public_key).is_genuine

    for place, byte in enumerate(receipt):
        for other in {byte ^ 1, byte ^ 0x20, byte ^ 0x80, 0x20, 0x30, 0x41} - {byte}:
            changed = receipt[:place] + bytes([other]) + receipt[place + 1 :]
            assert not verify_receipt(changed, SIGNER.public_key).is_genuine, (place, other)
        assert not verify_receipt(receipt[:place] + receipt[place + 1 :], SIGNER.public_key).is_genuine
        assert not verify_receipt(receipt[:place] + b" " + receipt[place:], SIGNER.public_key).is_genuine
    assert not verify_receipt(receipt + b"\n", SIGNER.public_key).is_genuine


def test_other_log_or_other_key_is_refused() -> None:
    assert verify_receipt(promised(3)[1], SeedSigner(2).public_key).faults == ("signature-wrong",)


def test_receipt_written_again_by_another_program_is_told_so() -> None:
    spaced = msgspec.json.format(promised(2)[0], indent=2)

    assert verify_receipt(spaced, SIGNER.public_key).faults == ("receipt-not-canonical",)


def test_second_signature_line_is_refused_since_nobody_would_notice_its_change() -> None:
    receipt = msgspec.json.decode(proven(5, 1), type=Receipt)
    assert receipt.proof is not None
    note = receipt.proof.checkpoint + "— other.example AAAAAAAA\n"
    changed = msgspec.structs.replace(receipt, proof=msgspec.structs.replace(receipt.proof, checkpoint=note))

    assert verify_receipt(encode_receipt(changed), SIGNER.public_key).faults == ("receipt-not-canonical",)


def cosigned(receipt: bytes, *lines: str) -> bytes:
    decoded = msgspec.json.decode(receipt, type=Receipt)
    assert decoded.proof is not None
    part = msgspec.structs.replace(decoded.proof, cosignatures=list(lines))
    return encode_receipt(msgspec.structs.replace(decoded, proof=part))


def cosignature(receipt: bytes, name: str, witness: SeedSigner, time: int) -> str:
    """As C2SP tlog-cosignature describes it."""
    decoded = msgspec.json.decode(receipt, type=Receipt)
    assert decoded.proof is not None
    text = read_note(decoded.proof.checkpoint).text
    signature = witness.sign(f"cosignature/v1\ntime {time}\n{text}".encode())
    number = hashlib.sha256(name.encode() + b"\n\x04" + witness.public_key).digest()[:4]
    return f"— {name} {encode_bytes(number + time.to_bytes(8) + signature)}"


def test_witness_who_signed_the_checkpoint_is_named_and_a_false_one_is_a_fault() -> None:
    plain, witness = proven(5, 1), SeedSigner(3)
    line = cosignature(plain, "witness.example/w", witness, 1_782_907_200)
    unknown = cosignature(plain, "stranger.example/w", SeedSigner(4), 1)
    keys = {"witness.example/w": witness.public_key}

    seen = verify_receipt(cosigned(plain, line, unknown), SIGNER.public_key, witnesses=keys)
    without_key = verify_receipt(cosigned(plain, line), SIGNER.public_key)
    later = cosignature(plain, "witness.example/w", witness, 1).replace("AAAAAAAAAB", "AAAAAAAAAC")
    forged = verify_receipt(
        cosigned(plain, cosignature(plain, "witness.example/w", SeedSigner(4), 5)),
        SIGNER.public_key,
        witnesses=keys,
    )
    other_checkpoint = verify_receipt(cosigned(proven(6, 1), line), SIGNER.public_key, witnesses=keys)

    assert seen.is_genuine
    assert seen.cosigned_by == ("witness.example/w",)
    assert without_key.is_genuine
    assert without_key.cosigned_by == ()
    assert forged.faults == other_checkpoint.faults == ("cosignature-wrong",)
    assert verify_receipt(cosigned(plain, later), SIGNER.public_key, witnesses=keys).faults
    assert verify_receipt(cosigned(plain, "— x AAAA"), SIGNER.public_key).faults == ("note-unreadable",)


def test_promise_cannot_pass_for_a_checkpoint() -> None:
    batch = promise_batch(commit(4)[0].leaf_data, SIGNER, origin=ORIGIN, batch_id=7, integrate_by=AT, at=AT)
    part = promise_receipt(batch, 2).promise
    assert part is not None
    forged = proof_receipt(batch.leaf_data[2], 2, split_hashes(batch.paths[2]), batch.note)

    assert verify_receipt(encode_receipt(forged), SIGNER.public_key).faults == ("checkpoint-not-plain",)


def test_fields_open_one_by_one_and_a_wrong_value_is_noticed() -> None:
    commitments, fields = commit(9)
    openings = {name: Opening(name, commitments.salts[name][4], fields[name][4]) for name in FIELDS}
    receipt = promised(9)[4]

    whole = verify_receipt(receipt, SIGNER.public_key, openings.values())
    without_consignee = verify_receipt(
        receipt, SIGNER.public_key, [openings["document"], openings["consignor"]]
    )
    wrong = verify_receipt(
        receipt,
        SIGNER.public_key,
        [openings["document"], msgspec.structs.replace(openings["decision"], value=b"refuse")],
    )

    assert whole.is_genuine
    assert whole.opened == FIELDS
    assert without_consignee.is_genuine
    assert without_consignee.opened == ("document", "consignor")
    assert wrong.faults == ("field-not-committed",)
    assert wrong.opened == ("document",)


def test_border_between_salt_and_value_cannot_be_moved() -> None:
    commitments, fields = commit(1)
    salt, value = commitments.salts["document"][0], fields["document"][0]
    moved = Opening("document", salt[:-1], salt[-1:] + value)

    assert verify_receipt(promised(1)[0], SIGNER.public_key, [moved]).faults == ("field-not-committed",)


def test_equal_values_have_unequal_commitments() -> None:
    fields = {"consignee": [b"same person"] * 2}
    leaves = commit_batch(1, AT, leaf_ids=[1, 2], fields=fields, random_bytes=bytes(range(224))).leaf_data

    first, second = (read_leaf(data).commitments for data in leaves)

    assert not set(first) & set(second)


def test_field_does_not_open_under_the_name_of_another() -> None:
    commitments, fields = commit(1)
    salt, value = commitments.salts["consignor"][0], fields["consignor"][0]

    verdict = verify_receipt(promised(1)[0], SIGNER.public_key, [Opening("consignee", salt, value)])

    assert verdict.faults == ("field-not-committed",)


def test_leaf_tells_neither_case_nor_kind_nor_how_many_people_it_names() -> None:
    names = ("document", "consignor", "consignee", "seller", "decision")
    leaves = {}
    for count in range(1, len(names) + 1):
        fields = {name: [b"value"] for name in names[:count]}
        random_bytes = bytes(range(200))[: random_size_bytes(1, count)]
        (leaves[count],) = commit_batch(
            1, AT, leaf_ids=[7], fields=fields, random_bytes=random_bytes
        ).leaf_data

    assert {len(leaf) for count, leaf in leaves.items() if count <= 4} == {len(leaves[1])}
    assert len(leaves[5]) == len(leaves[1]) + 4 * 32
    assert not any(name.encode() in leaf for name in names for leaf in leaves.values())


@pytest.mark.parametrize("cut", [0, 5, len(MAGIC), 20, 60, -1])
def test_broken_leaf_is_refused(cut: int) -> None:
    data = commit(1)[0].leaf_data[0]

    with pytest.raises(EvidenceError, match="leaf-unreadable"):
        read_leaf(data[:cut])
    with pytest.raises(EvidenceError, match="leaf-unreadable"):
        read_leaf(data + b"\x00")


def test_restored_batch_gives_the_same_receipts_and_notices_a_changed_leaf() -> None:
    leaves = commit(6)[0].leaf_data
    batch = promise_batch(leaves, SIGNER, origin=ORIGIN, batch_id=1, integrate_by=AT, at=AT)

    assert promise_receipts(restore_batch(batch.note, leaves)) == promise_receipts(batch)
    with pytest.raises(EvidenceError, match="promise-differs"):
        restore_batch(batch.note, [*leaves[:-1], leaves[0]])


def test_verifier_key_survives_the_round_trip_and_a_typing_fault_is_noticed() -> None:
    line = write_verifier_key(ORIGIN, SIGNER.public_key)

    assert read_verifier_key(line + "\n") == (ORIGIN, SIGNER.public_key)
    with pytest.raises(EvidenceError, match="verifier-key-unreadable"):
        read_verifier_key(line.replace("main", "mein"))


def test_checkpoint_with_witness_lines_still_opens_but_not_for_another_origin() -> None:
    note = sign_checkpoint(Checkpoint(ORIGIN, 3, bytes(32)), SIGNER)
    witnessed = note + f"— witness.example {encode_bytes(bytes(68))}\n"

    assert open_checkpoint(witnessed, ORIGIN, SIGNER.public_key).tree_size == 3
    with pytest.raises(EvidenceError, match="checkpoint-not-signed"):
        open_checkpoint(
            sign_note(f"{ORIGIN}\n3\n{encode_bytes(bytes(32))}\n", "other", SIGNER), ORIGIN, SIGNER.public_key
        )


@pytest.mark.parametrize(
    "junk", [b"", b"{}", b"\xff", b"[1]", b'{"format":"serai-receipt-1","leaf":""}', b"1" * 300_000]
)
def test_junk_is_a_fault_and_no_exception(junk: bytes) -> None:
    assert verify_receipt(junk, SIGNER.public_key).faults


@given(st.lists(st.integers(1, 2**62), min_size=1, max_size=40, unique=True), st.lists(st.integers(1, 3)))
def test_leaves_of_a_batch_are_packed_without_what_they_share(firsts: list[int], runs: list[int]) -> None:
    ids = sorted({first + n for first, run in zip_longest(firsts, runs, fillvalue=1) for n in range(run)})
    fields = {"document": [b"%d" % one for one in ids]}
    random_bytes = bytes(random_size_bytes(len(ids), 1))
    leaves = commit_batch(1, AT, leaf_ids=ids, fields=fields, random_bytes=random_bytes).leaf_data

    packed = pack_leaves(ids, leaves)

    assert unpack_leaves(packed) == leaves
    assert unpack_ids(packed.ids) == ids
    assert [find_position(packed.ids, one) for one in ids] == list(range(len(ids)))
    assert find_position(packed.ids, 0) is None
    assert find_position(packed.ids, ids[-1] + 1) is None
    assert all(find_position(packed.ids, one + 1) is None for one in ids if one + 1 not in ids)


def test_ids_that_count_up_take_no_room() -> None:
    assert len(pack_ids(range(7, 5_007))) == 12
