"""WCO DEC messages that follow an original: amendment, cancellation, presentation."""

import json
import re
from pathlib import Path

import pytest

from serai.app import Node
from serai.formats.wco_dec import DecMessage, decode_dec
from serai.journey.acts.service import Acts
from serai.journey.documents.submission import Answer
from serai.model.errors import SeraiError
from tests.beside import SHARED, needs
from tests.journey.processing.support import DECLARANT, OTHER_DECLARANT, decision, select

ROOT = Path(__file__).parents[3]
CDS = SHARED / "reference" / "cds"
EXAMPLE = (ROOT / "examples" / "messages" / "declaration-wco-dec.xml").read_bytes()
needs_cds = needs(CDS)


def read(content: bytes) -> DecMessage:
    message, faults = decode_dec(content)
    assert faults == []
    assert message is not None
    return message


async def do(node: Node, content: bytes) -> Answer:
    return await Acts(node.processor).clear_dec(read(content), DECLARANT, content)


@needs_cds
async def test_amendment_reaches_the_stored_declaration_with_its_people(node: Node) -> None:
    folder = CDS / "oracle" / "TT_IM033b"
    filed = await do(node, (folder / "TT_IM033b.xml").read_bytes())
    assert filed.status == "decided", filed.findings
    amendment = (folder / "TT_IM033b_Amendment.xml").read_bytes()
    number = read(amendment).mrn
    assert number is not None

    amended = await do(node, amendment.replace(number.encode(), decision(filed)["mrn"].encode()))

    assert (amended.status, amended.version) == ("decided", 2), amended
    assert decision(amended)["supersedes"] == decision(filed)["decision_id"]
    reads = await select(node, "SELECT DISTINCT purpose FROM vault_read")
    assert ("amend",) in reads
    before, after = await people_of(node, filed), await people_of(node, amended)
    assert before == after, "nobody was lost on the way"


AMENDMENT = """<Declaration xmlns="urn:wco:datamodel:WCO:DEC-DMS:2">
  <FunctionCode>13</FunctionCode>
  <FunctionalReferenceID>TWICE-COR</FunctionalReferenceID>
  <ID>{number}</ID>
  <TypeCode>COR</TypeCode>
  <AdditionalInformation>
    <StatementDescription>{reason}</StatementDescription>
    <StatementTypeCode>AES</StatementTypeCode>
  </AdditionalInformation>
  <Amendment>
    <ChangeReasonCode>32</ChangeReasonCode>
    <Pointer><SequenceNumeric>1</SequenceNumeric><DocumentSectionCode>42A</DocumentSectionCode></Pointer>
    <Pointer><SequenceNumeric>1</SequenceNumeric><DocumentSectionCode>67A</DocumentSectionCode></Pointer>
    <Pointer><SequenceNumeric>1</SequenceNumeric><DocumentSectionCode>68A</DocumentSectionCode>
      <TagID>108</TagID></Pointer>
  </Amendment>
  <GoodsShipment><GovernmentAgencyGoodsItem>
    <CustomsValueAmount currencyID="{currency}">30.00</CustomsValueAmount><SequenceNumeric>1</SequenceNumeric>
  </GovernmentAgencyGoodsItem></GoodsShipment>
</Declaration>"""


async def test_an_amendment_sent_twice_is_made_once(node: Node) -> None:
    filed = await do(node, re.sub(rb"(<FunctionalReferenceID>)[^<]*", rb"\1TWICE-1", EXAMPLE))
    number, currency = decision(filed)["mrn"], decision(filed)["currency_code"]

    def asked(reason: str) -> bytes:
        return AMENDMENT.format(number=number, currency=currency, reason=reason).encode()

    first = await do(node, asked("A discount."))
    again = await do(node, asked("A discount."))
    another = await do(node, asked("A mistake."))

    assert [(one.status, one.version) for one in (first, again)] == [("decided", 2), ("repeated", 2)]
    assert again.decision_id == first.decision_id
    assert (another.status, another.version) == ("decided", 3), "another reason is another amendment"


async def people_of(node: Node, answer: Answer) -> int:
    ((roles,),) = await select(
        node, "SELECT person_roles FROM document WHERE document_id = %s", answer.document_id
    )
    return int(roles)


@needs_cds
@pytest.mark.parametrize("scenario", ["TT_IM077a", "TT_IM079a", "TT_IM124a"])
async def test_presentation_is_the_arrival_of_one_declaration(node: Node, scenario: str) -> None:
    folder = CDS / "plain" / scenario
    filed = await do(node, next(folder.glob("*.xml")).read_bytes())
    assert filed.status == "decided", filed.findings
    notice = (CDS / "plain/TT_IM077a/Movement_Messages/Step2_GPN.xml").read_bytes()
    number = read(notice).mrn
    assert number is not None

    presented = await do(node, notice.replace(number.encode(), decision(filed)["mrn"].encode()))

    assert presented.status == "decided"
    rows = await select(
        node, "SELECT arrived_at IS NOT NULL FROM consignment WHERE consignment_id = %s", filed.document_id
    )
    assert rows == [(True,)]


@needs_cds
async def test_cancellation_withdraws(node: Node) -> None:
    filed = await do(node, EXAMPLE)
    notice = (CDS / "plain/TT_EX052a/Step3_Cancellation.xml").read_bytes()
    number = read(notice).mrn
    assert number is not None
    own = notice.replace(number.encode(), decision(filed)["mrn"].encode())

    with pytest.raises(SeraiError, match="nothing here"):
        await Acts(node.processor).clear_dec(read(own), OTHER_DECLARANT, own)
    cancelled = await do(node, own)

    assert decision(cancelled)["status"] == "invalidated"
    assert json.loads(cancelled.decision)["supersedes"] == decision(filed)["decision_id"]
