"""The API says of a receipt what the command line says."""

import pytest

from serai.evidence.receipt import encode_receipt, promise_receipt, verify_receipt
from serai.evidence.sentences import render_verdict
from serai.web.verdicts import check_receipt
from tests.evidence.batches import ORIGIN, SIGNER, promise

RECEIPT = encode_receipt(promise_receipt(promise(1, 5), 3))


@pytest.mark.parametrize("receipt", [RECEIPT, RECEIPT[:-1], b"{}"])
def test_verdict_is_worded_in_one_place(receipt: bytes) -> None:
    said = check_receipt(receipt, SIGNER.public_key, ORIGIN, [])

    assert said.verdict == render_verdict(verify_receipt(receipt, SIGNER.public_key))
    assert said.is_genuine == (receipt == RECEIPT)
    assert bool(said.faults) != said.is_genuine
