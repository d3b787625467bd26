"""A call for every act of the API, for both clients: `serai.do(calls.read_case(case_id))`, or awaited.

What is asked more often has a method of its own: filing, quotes, events, decisions, receipts, messages. Each
call returns the answer as data; bodies and answers are described at `/docs` of the server. What is None is
not sent.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

import msgspec

from serai.client.exchanges import JSON, Call, Exchange, Reply

Data = Mapping[str, Any]
EPCIS_SETS: Final = ("bizLocations", "bizSteps", "dispositions", "epcs", "eventTypes", "readPoints")


# ---- cases ----


def read_case(case_id: str) -> Exchange[Any]:
    """How a case stands."""
    return _ask("GET", "/v1/cases/", case_id)


def read_charges(case_id: str) -> Exchange[Any]:
    """All charges of a case, and what stands to be paid."""
    return _ask("GET", "/v1/cases/", case_id, "/charges")


def read_decision_of_case(
    case_id: str, *, consignment: str | None = None, include: str | None = None
) -> Exchange[Any]:
    """The newest decision of a consignment of a case. include: `text` for sentence, remedy and appeal."""
    return _ask("GET", "/v1/cases/", case_id, "/decision", consignment=consignment, include=include)


def read_one_decision(case_id: str, decision_id: str, *, include: str | None = None) -> Exchange[Any]:
    """One decision of a case, newest or replaced. include: `text` for sentence, remedy and appeal."""
    return _ask("GET", "/v1/cases/", case_id, "/decisions/", decision_id, include=include)


def read_document(case_id: str, document_id: str) -> Exchange[Any]:
    """The content of a document of a case, as far as you may see it."""
    return _ask("GET", "/v1/cases/", case_id, "/documents/", document_id)


def read_explanation(
    case_id: str, *, item: int | None = None, consignment: str | None = None, decision: str | None = None
) -> Exchange[Any]:
    """The whole calculation of a decision, worked out again."""
    return _ask(
        "GET", "/v1/cases/", case_id, "/explanation", item=item, consignment=consignment, decision=decision
    )


def read_history(case_id: str) -> Exchange[Any]:
    """Everything that happened to a case."""
    return _ask("GET", "/v1/cases/", case_id, "/history")


def read_people(case_id: str, *, purpose: str, acting_person: str) -> Exchange[Any]:
    """Names and addresses of a case; each reading is recorded, with who read."""
    headers = {"Serai-Acting-Person": acting_person}
    return _ask("GET", "/v1/cases/", case_id, "/people", headers=headers, purpose=purpose)


def read_ledger(person_id: str) -> Exchange[Any]:
    """Who read a person's fields, when and why."""
    return _ask("GET", "/v1/people/", person_id, "/reads")


def read_quotes_of_case(case_id: str) -> Exchange[Any]:
    """The quotes that declarations of a case cite."""
    return _ask("GET", "/v1/cases/", case_id, "/quotes")


def mark_payment_status(case_id: str, mark: Data) -> Exchange[Any]:
    """Mark what is due at the border as paid, on account or secured. mark: a `PaymentRecord`."""
    return _ask("POST", "/v1/cases/", case_id, "/payment-records", body=mark)


def read_acts(case_id: str) -> Exchange[Any]:
    """What officers and parties did in a case, oldest first."""
    return _ask("GET", "/v1/cases/", case_id, "/acts")


def read_notices(case_id: str) -> Exchange[Any]:
    """What was served about the decisions of a case, in the words in which it was served."""
    return _ask("GET", "/v1/cases/", case_id, "/notices")


def do_act(case_id: str, act: Data) -> Exchange[Any]:
    """Act on a case: take a measure, answer an officer, take an earlier act back. act: a `CaseAct`."""
    return _ask("POST", "/v1/cases/", case_id, "/acts", body=act)


def join_match(case_id: str, document_id: str, *, reason: str) -> Exchange[Any]:
    """Say that a document belongs to a case. For officers."""
    steps = ("/v1/cases/", case_id, "/possible-matches/", document_id, "/joining")
    return _ask("POST", *steps, body={"reason": reason})


def part_match(case_id: str, document_id: str, *, reason: str) -> Exchange[Any]:
    """Say that a document does not belong to a case. For officers."""
    steps = ("/v1/cases/", case_id, "/possible-matches/", document_id, "/parting")
    return _ask("POST", *steps, body={"reason": reason})


def close_custody(case_id: str, *, reason: str) -> Exchange[Any]:
    """Say that events of who does not hold the goods were looked at. For officers."""
    return _ask("POST", "/v1/cases/", case_id, "/custody/closure", body={"reason": reason})


def lodge_appeal(case_id: str, appeal: Data) -> Exchange[Any]:
    """Appeal against a measure or a decision. appeal: an `Appeal`."""
    return _ask("POST", "/v1/cases/", case_id, "/appeals", body=appeal)


def state_view(case_id: str, act_id: str, statement: Data) -> Exchange[Any]:
    """State one's view in an appeal. statement: an `AppealStatement`."""
    return _ask("POST", "/v1/cases/", case_id, "/appeals/", act_id, "/statements", body=statement)


def decide_appeal(case_id: str, act_id: str, outcome: Data) -> Exchange[Any]:
    """Propose the outcome of an appeal. outcome: an `AppealOutcome`. For officers."""
    return _ask("POST", "/v1/cases/", case_id, "/appeals/", act_id, "/outcome", body=outcome)


def suspend_effect(case_id: str, act_id: str, suspension: Data) -> Exchange[Any]:
    """Suspend the effect of what an appeal is against. suspension: an `EffectSuspension`. For officers."""
    return _ask("POST", "/v1/cases/", case_id, "/appeals/", act_id, "/suspension", body=suspension)


def draw_bulk_act(act: Data) -> Exchange[Any]:
    """Mean one measure for many cases: a sample is drawn. act: a `BulkAct`. For officers."""
    return _ask("POST", "/v1/bulk-acts", body=act)


def open_sample(bulk_id: str, case_id: str) -> Exchange[Any]:
    """Say that one opens a case of the sample of a bulk act. For officers."""
    return _ask("POST", "/v1/bulk-acts/", bulk_id, "/sample/", case_id)


def confirm_bulk_act(bulk_id: str, act: Data) -> Exchange[Any]:
    """Confirm a bulk act: the measure is taken on each case. act: as it was drawn. For officers."""
    return _ask("POST", "/v1/bulk-acts/", bulk_id, "/confirmation", body=act)


def act_on_transport_unit(unit_id: str, act: Data) -> Exchange[Any]:
    """Hold, examine or release a bag, a flight or another transport unit, and all that lies in it.

    act: a `UnitAct`. For officers."""
    return _ask("POST", "/v1/transport-units/", unit_id, "/acts", body=act)


def read_acts_of_transport_unit(unit_id: str) -> Exchange[Any]:
    """What was done to a transport unit, oldest first. For officers."""
    return _ask("GET", "/v1/transport-units/", unit_id, "/acts")


def ask_for_review(case_id: str, review: Data) -> Exchange[Any]:
    """Ask for a human's review of a refusal. review: a `ReviewRequest`."""
    return _ask("POST", "/v1/cases/", case_id, "/review-requests", body=review)


def answer_request(case_id: str, act_id: str, *, outcome: str, reason: str) -> Exchange[Any]:
    """Answer such a request: `upheld` or `set-aside`. For officers."""
    steps = ("/v1/cases/", case_id, "/review-requests/", act_id, "/answer")
    return _ask("POST", *steps, body={"outcome": outcome, "reason": reason})


def try_case(case_id: str, change: Data, *, consignment: str | None = None) -> Exchange[Any]:
    """Change a case and see; nothing is stored. change: a `TryRequest`."""
    return _ask("POST", "/v1/cases/", case_id, "/try", body=change, consignment=consignment)


# ---- due diligence ----


def read_due_diligence() -> Exchange[Any]:
    """What each role owes customs, and how all with the role stood."""
    return _ask("GET", "/v1/due-diligence")


def read_dispute_document(party: str, dispute: str) -> Exchange[Any]:
    """The document that was sent with a dispute of a score; each reading is recorded."""
    return _ask("GET", "/v1/scorecards/", party, "/disputes/", dispute, "/document")


# ---- sources of lists ----


def list_list_sources() -> Exchange[Any]:
    """Where signed lists come from, and how that goes. For who administers."""
    return _ask("GET", "/v1/list-sources")


def register_list_source(source: Data) -> Exchange[Any]:
    """Take signed lists of a name from a source; it may wait for a second person."""
    return _ask("POST", "/v1/list-sources", body=source)


def end_list_source(list_source: str) -> Exchange[Any]:
    """Ask a source no more; the list in force stays."""
    return _ask("POST", "/v1/list-sources/", list_source, "/end")


# ---- listed names ----


def list_listed_names(case_id: str) -> Exchange[Any]:
    """Names on a case that resemble entries of lists of denied parties. For officers."""
    return _ask("GET", "/v1/cases/", case_id, "/listed-names")


def decide_listed_name(case_id: str, verdict: Data) -> Exchange[Any]:
    """Say of a name whether it is the listed one. For officers."""
    return _ask("POST", "/v1/cases/", case_id, "/listed-names/verdicts", body=verdict)


# ---- split shipments ----


def list_split_groups(*, state: str | None = None) -> Exchange[Any]:
    """Groups of parcels that may be one order: `open`, `one-order` or `separate-orders`. For officers."""
    return _ask("GET", "/v1/split-shipments", state=state)


def read_split_group(group_id: str) -> Exchange[Any]:
    """One group: its parcels, and why they were put together. For officers."""
    return _ask("GET", "/v1/split-shipments/", group_id)


def decide_split_group(group_id: str, *, verdict: str, reason: str) -> Exchange[Any]:
    """Say of a group `one-order` or `separate-orders`. For officers."""
    steps = ("/v1/split-shipments/", group_id, "/verdict")
    return _ask("POST", *steps, body={"verdict": verdict, "reason": reason})


# ---- recalls ----


def declare_recall(recall: Data) -> Exchange[Any]:
    """Recall goods; what is in flight is counted first. recall: a `RecallDeclaration`."""
    return _ask("POST", "/v1/recalls", body=recall)


def list_recalls() -> Exchange[Any]:
    """Recalls, oldest first: officers see all, an agency its own."""
    return _ask("GET", "/v1/recalls")


def read_recall(recall_id: str) -> Exchange[Any]:
    """One recall: how much it would find, or has found."""
    return _ask("GET", "/v1/recalls/", recall_id)


def read_recall_hits(recall_id: str, *, after: str | None = None, limit: int | None = None) -> Exchange[Any]:
    """The consignments that a recall has found."""
    return _ask("GET", "/v1/recalls/", recall_id, "/hits", after=after, limit=limit)


def confirm_recall(recall_id: str, *, expected_count: int) -> Exchange[Any]:
    """Let what a recall finds become tasks. expected_count: its `hit_count`."""
    steps = ("/v1/recalls/", recall_id, "/confirmation")
    return _ask("POST", *steps, body={"expected_count": expected_count})


def end_recall(recall_id: str) -> Exchange[Any]:
    """Look no more for what a recall asks for."""
    return _ask("POST", "/v1/recalls/", recall_id, "/end")


def withdraw_recall(recall_id: str, *, reason_code: str) -> Exchange[Any]:
    """Say that a recall was wrong: all that it did is undone."""
    return _ask("POST", "/v1/recalls/", recall_id, "/withdrawal", body={"reason_code": reason_code})


def hash_picture(content: str) -> Exchange[Any]:
    """Work out the hash of a picture of goods. content: base64 of a JPEG, PNG or WebP."""
    return _ask("POST", "/v1/recalls/picture-hash", body={"content": content})


def read_take_downs() -> Exchange[Any]:
    """What platforms are asked to take down, and what they have answered."""
    return _ask("GET", "/v1/recall-take-downs")


def answer_take_down(recall_id: str, *, answer: str) -> Exchange[Any]:
    """Answer what became of one's offers of recalled goods. For platforms."""
    return _ask("POST", "/v1/recalls/", recall_id, "/take-down-answer", body={"answer": answer})


def close_recall_hit(recall_id: str, consignment_id: str, *, reason: str) -> Exchange[Any]:
    """Say that a consignment was looked at for a recall. For officers."""
    steps = ("/v1/recalls/", recall_id, "/hits/", consignment_id, "/closure")
    return _ask("POST", *steps, body={"reason": reason})


# ---- declarations and documents ----


def list_declarations(
    *,
    status: str | None = None,
    lane: str | None = None,
    task: str | None = None,
    master_document: str | None = None,
    conveyance_reference: str | None = None,
    changed_since: str | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> Exchange[Any]:
    """List declarations; go on while `next_after` is there."""
    return _ask(
        "GET",
        "/v1/declarations",
        status=status,
        lane=lane,
        task=task,
        master_document=master_document,
        conveyance_reference=conveyance_reference,
        changed_since=changed_since,
        after=after,
        limit=limit,
    )


def present_goods(reference: str, *, arrived_at: str) -> Exchange[Any]:
    """Say that the goods of one declaration are there."""
    body = {"arrived_at": arrived_at}
    return _ask("POST", "/v1/declarations/", reference, "/presentation", body=body)


def withdraw_order(reference: str, *, expected_version: int, reason: str) -> Exchange[Any]:
    """Withdraw an order."""
    return _withdraw("/v1/orders/", reference, expected_version, reason)


def withdraw_payment(reference: str, *, expected_version: int, reason: str) -> Exchange[Any]:
    """Withdraw a payment."""
    return _withdraw("/v1/payments/", reference, expected_version, reason)


def withdraw_transport_document(reference: str, *, expected_version: int, reason: str) -> Exchange[Any]:
    """Withdraw a transport document."""
    return _withdraw("/v1/transport-documents/", reference, expected_version, reason)


def withdraw_return(reference: str, *, expected_version: int, reason: str) -> Exchange[Any]:
    """Withdraw a return: the goods stay."""
    return _withdraw("/v1/returns/", reference, expected_version, reason)


def read_order(reference: str) -> Exchange[Any]:
    """An order you sent: whether it counts in a case, and why."""
    return _ask("GET", "/v1/orders/", reference)


def read_payment(reference: str) -> Exchange[Any]:
    """A payment you sent: whether it counts in a case, and why."""
    return _ask("GET", "/v1/payments/", reference)


def read_transport_document(reference: str) -> Exchange[Any]:
    """A transport document you sent: whether it counts in a case, and why."""
    return _ask("GET", "/v1/transport-documents/", reference)


def read_return(reference: str) -> Exchange[Any]:
    """A return you sent: whether it counts in a case, and why."""
    return _ask("GET", "/v1/returns/", reference)


# ---- bank statements ----


def import_bank_statement(statement: bytes) -> Exchange[Any]:
    """Import a bank statement or notification (ISO 20022 camt.053, camt.054), XML as the bank sent it."""
    return _ask("POST", "/v1/bank-statements", content=statement, content_type="application/xml")


def list_bank_movements(*, limit: int | None = None, after: str | None = None) -> Exchange[Any]:
    """Movements of money that paid nothing, and why."""
    return _ask("GET", "/v1/bank-movements", limit=limit, after=after)


# ---- repayment ----


def list_repayments(case_id: str) -> Exchange[Any]:
    """What goes back in a case, or can be applied for."""
    return _ask("GET", "/v1/cases/", case_id, "/repayments")


def request_repayment(case_id: str, request: Data) -> Exchange[Any]:
    """Apply for repayment, or confirm what a return has brought. request: a `RepaymentRequest`."""
    return _ask("POST", "/v1/cases/", case_id, "/repayment-requests", body=request)


def decide_repayment(case_id: str, decision: Data) -> Exchange[Any]:
    """Grant an application for repayment, or refuse it. decision: a `RepaymentDecision`."""
    return _ask("POST", "/v1/cases/", case_id, "/repayment-decisions", body=decision)


# ---- money ----


def read_money_statistics() -> Exchange[Any]:
    """What is owed, and revenue by day, market and way of payment."""
    return _ask("GET", "/v1/money-statistics")


def list_repayment_plans(*, limit: int | None = None, after: str | None = None) -> Exchange[Any]:
    """Plans of repayment, and what each comes to."""
    return _ask("GET", "/v1/repayment-plans", limit=limit, after=after)


# ---- refunds ----


def list_refunds_due(*, limit: int | None = None, after: str | None = None) -> Exchange[Any]:
    """What was overpaid and is not ordered back."""
    return _ask("GET", "/v1/refunds-due", limit=limit, after=after)


def order_refunds(cases: Data) -> Exchange[Any]:
    """Order back what is due in some cases. cases: an `OrdersWanted`."""
    return _ask("POST", "/v1/refund-orders", body=cases)


def list_refund_orders(
    *, status: str | None = None, limit: int | None = None, after: str | None = None
) -> Exchange[Any]:
    """Orders to pay you back, and how they stand."""
    return _ask("GET", "/v1/refund-orders", status=status, limit=limit, after=after)


def withdraw_refund_order(order: str) -> Exchange[Any]:
    """Withdraw an order that has not gone to the bank."""
    return _ask("POST", "/v1/refund-orders/", order, "/withdrawal")


def send_refunds(batch: Data) -> Exchange[Any]:
    """Send orders that wait to the bank. batch: a `BatchWanted`."""
    return _ask("POST", "/v1/refund-batches", body=batch)


def list_refund_batches(*, limit: int | None = None, after: str | None = None) -> Exchange[Any]:
    """Batches that went to the bank."""
    return _ask("GET", "/v1/refund-batches", limit=limit, after=after)


def read_refund_message(batch: str) -> Exchange[Any]:
    """A batch as the message for the bank (ISO 20022 pain.001)."""
    return _ask("GET", "/v1/refund-batches/", batch, "/message")


def take_refund_status(report: bytes) -> Exchange[Any]:
    """Take what the bank says of a batch (ISO 20022 pain.002)."""
    return _ask("POST", "/v1/refund-statuses", content=report, content_type="application/xml")


def give_refund_account(account: Data) -> Exchange[Any]:
    """Say to which account you are paid back. account: a `RefundAccount`."""
    return _ask("PUT", "/v1/refund-account", body=account)


def read_refund_account() -> Exchange[Any]:
    """Is your account for refunds known?"""
    return _ask("GET", "/v1/refund-account")


def match_bank_movement(movement: str, matching: Data) -> Exchange[Any]:
    """An officer's word: this movement pays what this case owes. matching: a `Matching`."""
    return _ask("POST", "/v1/bank-movements/", movement, "/matching", body=matching)


# ---- payment accounts ----


def open_payment_account(account: Data) -> Exchange[Any]:
    """Open a payment account of a party. account: a `NewPaymentAccount`."""
    return _ask("POST", "/v1/payment-accounts", body=account)


def list_payment_accounts(*, limit: int | None = None, after: str | None = None) -> Exchange[Any]:
    """Your payment accounts, and what stands open on each."""
    return _ask("GET", "/v1/payment-accounts", limit=limit, after=after)


def read_payment_account(account_number: str, *, month: str | None = None) -> Exchange[Any]:
    """The statement of one of your payment accounts. month: such as 2026-12; None: this one."""
    return _ask("GET", "/v1/payment-accounts/", account_number, month=month)


def close_payment_account(account_number: str) -> Exchange[Any]:
    """Close a payment account: nothing more is put on it."""
    return _ask("POST", "/v1/payment-accounts/", account_number, "/closure")


def declare_bearing(case_id: str, bearing: Data) -> Exchange[Any]:
    """Say to whom a payment of yours was passed on. bearing: a `BearingIn`."""
    return _ask("POST", "/v1/cases/", case_id, "/bearing-declarations", body=bearing)


# ---- tax-paid proof ----


def register_token_issuer(key: Data) -> Exchange[Any]:
    """Believe a key by which an issuer signs tax-paid tokens. key: a `NewIssuerKey`."""
    return _ask("POST", "/v1/token-issuers", body=key)


def list_token_issuers() -> Exchange[Any]:
    """By which keys tax-paid tokens are believed."""
    return _ask("GET", "/v1/token-issuers")


def revoke_token_issuer(key_id: str) -> Exchange[Any]:
    """Believe a key no more: nothing that it has ever signed."""
    return _ask("POST", "/v1/token-issuers/", key_id, "/revocation")


def send_status_list(status_list: str) -> Exchange[Any]:
    """Send the newest status list of your tax-paid tokens, as you have signed it."""
    return _ask("POST", "/v1/status-lists", body={"status_list": status_list})


def register_scheme(scheme: Data) -> Exchange[Any]:
    """Register who holds a scheme number. scheme: a `NewScheme`."""
    return _ask("POST", "/v1/schemes", body=scheme)


def list_schemes(*, limit: int | None = None, after: str | None = None) -> Exchange[Any]:
    """The scheme numbers that you hold."""
    return _ask("GET", "/v1/schemes", limit=limit, after=after)


def require_tokens(scheme: str, tokens_from: str | None) -> Exchange[Any]:
    """Say from which day on each consignment under your scheme number carries a tax-paid token."""
    return _ask("POST", "/v1/schemes/", scheme, "/tokens", body={"tokens_from": tokens_from})


def read_scheme_citations(
    scheme: str, *, from_on: str | None = None, to_on: str | None = None
) -> Exchange[Any]:
    """Who cites your scheme number: by day, with and without tokens, refused and why."""
    return _ask("GET", "/v1/schemes/", scheme, "/citations", from_on=from_on, to_on=to_on)


def show_token(case_id: str, token: str | None) -> Exchange[Any]:
    """Show a tax-paid token for the goods of a case; without one its order and payments are looked at."""
    return _ask("POST", "/v1/cases/", case_id, "/tax-paid-tokens", body={"token": token})


def read_tax_paid_proof(case_id: str) -> Exchange[Any]:
    """A signed proof that duty and tax of a consignment were paid."""
    return _ask("GET", "/v1/cases/", case_id, "/tax-paid-proof")


def set_proof_status(case_id: str, status: str) -> Exchange[Any]:
    """Revoke or suspend the proof of a case."""
    return _ask("POST", "/v1/cases/", case_id, "/tax-paid-proof/status", body={"status": status})


def read_status_list(number: int) -> Exchange[Any]:
    """A status list of proofs that were given out, signed."""
    return _ask("GET", "/v1/tax-paid/status-lists/", str(number))


# ---- statements ----


def list_statements(*, party: str | None = None) -> Exchange[Any]:
    """Months there are statements of. party: for the administration's people, whose."""
    return _ask("GET", "/v1/statements", party=party)


def read_statement(period: str, *, party: str | None = None) -> Exchange[Any]:
    """The statement of a month. period: such as 2026-11. party: for the administration's people, whose."""
    return _ask("GET", "/v1/statements/", period, party=party)


def read_statement_table(period: str, *, party: str | None = None) -> Exchange[bytes]:
    """The statement of a month as CSV."""
    return _read("/v1/statements/", period, "/csv", party=party, accept="text/csv")


def read_statement_document(period: str, *, party: str | None = None) -> Exchange[bytes]:
    """The statement of a month as PDF."""
    return _read("/v1/statements/", period, "/pdf", party=party, accept="application/pdf")


def read_amounts_payable(*, party: str | None = None) -> Exchange[Any]:
    """What is to be paid now, charge by charge."""
    return _ask("GET", "/v1/amounts-payable", party=party)


def read_debt_notification(*, party: str | None = None) -> Exchange[bytes]:
    """The notification of debt as PDF."""
    return _read("/v1/amounts-payable/pdf", party=party, accept="application/pdf")


# ---- rights holders ----


def lodge_recordal(recordal: Data) -> Exchange[Any]:
    """Lodge a recordal of a right. recordal: a `RecordalTerms`. For holders of rights."""
    return _ask("POST", "/v1/recordals", body=recordal)


def list_recordals() -> Exchange[Any]:
    """Recordals, the newest first: officers see all, a holder its own."""
    return _ask("GET", "/v1/recordals")


def read_recordal(recordal_id: str) -> Exchange[Any]:
    """One recordal."""
    return _ask("GET", "/v1/recordals/", recordal_id)


def add_recordal_picture(recordal_id: str, *, content: str) -> Exchange[Any]:
    """Add a picture to a recordal. content: base64 of a JPEG, PNG or WebP."""
    return _ask("POST", "/v1/recordals/", recordal_id, "/pictures", body={"content": content})


def read_recordal_picture(recordal_id: str, number: str) -> Exchange[Any]:
    """A picture of a recordal, a JPEG."""
    return _ask("GET", "/v1/recordals/", recordal_id, "/pictures/", number)


def decide_recordal(recordal_id: str, *, decision: str, reason_code: str | None = None) -> Exchange[Any]:
    """Grant or refuse a recordal. For officers."""
    body = {"decision": decision, "reason_code": reason_code}
    return _ask("POST", "/v1/recordals/", recordal_id, "/decision", body=body)


def end_recordal(recordal_id: str) -> Exchange[Any]:
    """End a recordal before its time."""
    return _ask("POST", "/v1/recordals/", recordal_id, "/end")


def read_recordal_priority(recordal_id: str) -> Exchange[Any]:
    """How often claims for a recordal were without ground, with the definition."""
    return _ask("GET", "/v1/recordals/", recordal_id, "/priority")


def ask_recordal_extension(recordal_id: str, *, last_day: str) -> Exchange[Any]:
    """Ask that a recordal lasts longer. last_day: a day. For its holder."""
    return _ask("POST", "/v1/recordals/", recordal_id, "/extension", body={"last_day": last_day})


def decide_recordal_extension(
    recordal_id: str, *, decision: str, reason_code: str | None = None
) -> Exchange[Any]:
    """Grant or refuse that a recordal lasts longer. For officers."""
    body = {"decision": decision, "reason_code": reason_code}
    return _ask("POST", "/v1/recordals/", recordal_id, "/extension-decision", body=body)


def begin_rights_detention(case_id: str, order: Data) -> Exchange[Any]:
    """Suspend or detain goods for a right. order: a `RightsDetentionOrder`. For officers."""
    return _ask("POST", "/v1/cases/", case_id, "/rights-detentions", body=order)


def list_rights_detentions() -> Exchange[Any]:
    """Goods detained for rights, the newest first: officers see all, a holder what it was told of."""
    return _ask("GET", "/v1/rights-detentions")


def read_rights_detention(detention_id: str) -> Exchange[Any]:
    """One detention: goods, clocks, answers, and how it ended."""
    return _ask("GET", "/v1/rights-detentions/", detention_id)


def answer_as_rights_holder(detention_id: str, *, answer: str) -> Exchange[Any]:
    """Say, as the holder of the right, what the goods are."""
    return _ask("POST", "/v1/rights-detentions/", detention_id, "/holder-answer", body={"answer": answer})


def answer_as_rights_declarant(detention_id: str, *, answer: str) -> Exchange[Any]:
    """Say, as whoever declared the goods, whether they may be destroyed."""
    return _ask("POST", "/v1/rights-detentions/", detention_id, "/declarant-answer", body={"answer": answer})


def disclose_rights_names(detention_id: str, *, use: str) -> Exchange[Any]:
    """Ask for the names of a parcel, for one of the uses that the law allows."""
    return _ask("POST", "/v1/rights-detentions/", detention_id, "/disclosure", body={"use": use})


def ask_rights_extension(detention_id: str, *, days: int, reason_code: str) -> Exchange[Any]:
    """Ask for more time to begin proceedings. days: working days. For the holder who was told."""
    body = {"days": days, "reason_code": reason_code}
    return _ask("POST", "/v1/rights-detentions/", detention_id, "/extension", body=body)


def decide_rights_extension(detention_id: str, *, decision: str) -> Exchange[Any]:
    """Grant or refuse more time. For officers."""
    body = {"decision": decision}
    return _ask("POST", "/v1/rights-detentions/", detention_id, "/extension-decision", body=body)


def dispute_rights_detention(detention_id: str, *, reason_code: str) -> Exchange[Any]:
    """Dispute that a detention counts as baseless. For its holder."""
    body = {"reason_code": reason_code}
    return _ask("POST", "/v1/rights-detentions/", detention_id, "/dispute", body=body)


def decide_rights_dispute(detention_id: str, *, decision: str) -> Exchange[Any]:
    """Decide a dispute. For officers."""
    body = {"decision": decision}
    return _ask("POST", "/v1/rights-detentions/", detention_id, "/dispute-decision", body=body)


# ---- permits ----


def read_agencies() -> Exchange[Any]:
    """Which agency keeps the permits of which rules."""
    return _ask("GET", "/v1/agencies")


def register_remit(remit: Data) -> Exchange[Any]:
    """Let an agency keep the permits that a rule asks for. remit: a `NewRemit`."""
    return _ask("POST", "/v1/agencies/remits", body=remit)


def end_remit(rule_id: str) -> Exchange[Any]:
    """Let no agency keep the permits of a rule any more."""
    return _ask("POST", "/v1/agencies/remits/", rule_id, "/end")


def read_agency_requirements() -> Exchange[Any]:
    """What agencies ask for themselves, in the place of what the law says."""
    return _ask("GET", "/v1/agencies/requirements")


def set_agency_requirement(requirement: Data) -> Exchange[Any]:
    """Propose what a rule of your remit asks for, from a day on. requirement: a `NewRequirement`."""
    return _ask("POST", "/v1/agencies/requirements", body=requirement)


def end_agency_requirement(rule_id: str, valid_from: str) -> Exchange[Any]:
    """Propose that a rule asks again for what the law says, from a day (ISO 8601) on."""
    body = {"valid_from": valid_from}
    return _ask("POST", "/v1/agencies/requirements/", rule_id, "/end", body=body)


def list_requirement_proposals() -> Exchange[Any]:
    """Changes of requirements that wait for a second person of your agency."""
    return _ask("GET", "/v1/agencies/requirements/proposals")


def approve_requirement(proposal: str, content_sha256: str) -> Exchange[Any]:
    """Confirm what another person of your agency has proposed. content_sha256: as it was read."""
    body = {"content_sha256": content_sha256}
    return _ask("POST", "/v1/agencies/requirements/proposals/", proposal, "/approval", body=body)


def reject_requirement(proposal: str, reason: str) -> Exchange[Any]:
    """Reject a change of a requirement, or take your own back."""
    body = {"reason": reason}
    return _ask("POST", "/v1/agencies/requirements/proposals/", proposal, "/rejection", body=body)


def register_agency_key(key: Data) -> Exchange[Any]:
    """Register a key by which permits of an agency are believed. key: a `NewAgencyKey`."""
    return _ask("POST", "/v1/agencies/keys", body=key)


def revoke_agency_key(kid: str) -> Exchange[Any]:
    """Believe nothing more that a key of an agency signs."""
    return _ask("POST", "/v1/agencies/keys/", kid, "/revocation")


def issue_permit(permit: Data) -> Exchange[Any]:
    """Issue a permit of your agency. permit: a `PermitTerms`."""
    return _ask("POST", "/v1/permits", body=permit)


def bring_permit(signed: str) -> Exchange[Any]:
    """Bring a permit as its agency has signed it."""
    return _ask("POST", "/v1/permits/signed", body={"signed": signed})


def list_permits(*, limit: int | None = None, after: str | None = None) -> Exchange[Any]:
    """Permits, and what is left of each."""
    return _ask("GET", "/v1/permits", limit=limit, after=after)


def read_permit(number: str) -> Exchange[Any]:
    """One of your agency's permits, and what was written off of it."""
    return _ask("GET", "/v1/permits/", number)


def revoke_permit(number: str) -> Exchange[Any]:
    """Revoke a permit: nothing more is written off of it."""
    return _ask("POST", "/v1/permits/", number, "/revocation")


def present_permit(case_id: str, permit: Data) -> Exchange[Any]:
    """Name a permit for goods of a case after they were declared. permit: a `NamedPermit`."""
    return _ask("POST", "/v1/cases/", case_id, "/permits", body=permit)


# ---- parcels before agencies ----


def list_agency_parcels(
    *, standing: str | None = None, limit: int | None = None, after: str | None = None
) -> Exchange[Any]:
    """The parcels that are before your agency."""
    return _ask("GET", "/v1/agency/parcels", standing=standing, limit=limit, after=after)


def read_agency_parcel(parcel: str) -> Exchange[Any]:
    """One parcel that is before your agency, with what its rules need."""
    return _ask("GET", "/v1/agency/parcels/", parcel)


def decide_on_agency_parcel(parcel: str, decision: Data) -> Exchange[Any]:
    """Decide on a parcel that is before your agency. decision: an `AgencyDecision`."""
    return _ask("POST", "/v1/agency/parcels/", parcel, "/decisions", body=decision)


# ---- guarantees ----


def register_guarantee(guarantee: Data) -> Exchange[Any]:
    """Register a guarantee of a party. guarantee: a `NewGuarantee`."""
    return _ask("POST", "/v1/guarantees", body=guarantee)


def list_guarantees(*, limit: int | None = None, after: str | None = None) -> Exchange[Any]:
    """Your guarantees, and what of each is in use."""
    return _ask("GET", "/v1/guarantees", limit=limit, after=after)


def read_guarantee(number: str) -> Exchange[Any]:
    """One of your guarantees, and what of it is in use."""
    return _ask("GET", "/v1/guarantees/", number)


def revoke_guarantee(number: str) -> Exchange[Any]:
    """Revoke a guarantee: nothing more is secured with it."""
    return _ask("POST", "/v1/guarantees/", number, "/revocation")


# ---- mandates ----


def grant_mandate(mandate: Data) -> Exchange[Any]:
    """Grant a mandate to another party. mandate: a `NewMandate`."""
    return _ask("POST", "/v1/mandates", body=mandate)


def list_mandates(*, limit: int | None = None, after: str | None = None) -> Exchange[Any]:
    """The mandates you have granted and were granted."""
    return _ask("GET", "/v1/mandates", limit=limit, after=after)


def read_mandate(mandate_id: str) -> Exchange[Any]:
    """One mandate, for its two parties."""
    return _ask("GET", "/v1/mandates/", mandate_id)


def revoke_mandate(mandate_id: str) -> Exchange[Any]:
    """Revoke a mandate you have granted, from now on."""
    return _ask("POST", "/v1/mandates/", mandate_id, "/revocation")


# ---- pre-loading ----


def read_pre_loading(reference: str) -> Exchange[Any]:
    """What stands for a transport document before loading."""
    return _ask("GET", "/v1/transport-documents/", reference, "/pre-loading")


def report_screening(reference: str, result: Data) -> Exchange[Any]:
    """Report the result of a screening. result: a `ScreeningReport`."""
    return _ask("POST", "/v1/transport-documents/", reference, "/screening", body=result)


def list_pre_loading(
    *, outcome: str | None = None, after: str | None = None, limit: int | None = None
) -> Exchange[Any]:
    """What waits before loading, the oldest first."""
    return _ask("GET", "/v1/pre-loading-assessments", outcome=outcome, after=after, limit=limit)


def decide_pre_loading(assessment: str, *, outcome: str, words: str) -> Exchange[Any]:
    """An officer's decision before loading."""
    body = {"outcome": outcome, "words": words}
    return _ask("POST", "/v1/pre-loading-assessments/", assessment, "/decision", body=body)


# ---- standards ----


# ---- buyers ----


def track_parcel(number: str, postcode: str) -> Exchange[Any]:
    """Find a parcel by the number of its order or parcel and the postcode; gives a session."""
    return _ask("POST", "/v1/track", body={"number": number, "postcode": postcode})


def track_again(session: str) -> Exchange[Any]:
    """Where the parcel of a session stands."""
    return _of_session("/status", session)


def send_buyer_code(session: str) -> Exchange[Any]:
    """Send a one-time code to the contact in the declaration."""
    return _of_session("/code", session)


def confirm_buyer(session: str, code: str) -> Exchange[Any]:
    """Type the code; gives a session in the place of the one before."""
    return _of_session("/confirmation", session, code=code)


def read_own_parcel(session: str) -> Exchange[Any]:
    """What the parcel costs, the reasons, and what was asked for. After a code."""
    return _of_session("/parcel", session)


def ask_as_buyer(session: str, request: Data) -> Exchange[Any]:
    """State or ask for something. request: a `BuyerRequest` without its session."""
    return _of_session("/requests", session, **request)


def read_proof_of_buyer(session: str) -> Exchange[Any]:
    """A signed proof that duty and tax of the parcel were paid. After a code."""
    return _of_session("/tax-paid-proof", session)


def send_proof(session: str, *, reference: str, content: str) -> Exchange[Any]:
    """Send a proof. content: of a picture or a plain PDF, in base64."""
    return _of_session("/proofs", session, reference=reference, content=content)


def read_data_of_buyer(session: str) -> Exchange[Any]:
    """Who read the buyer's data, why, by which rule. After a code."""
    return _of_session("/data", session)


def erase_data_of_buyer(session: str) -> Exchange[Any]:
    """Erase the buyer's data, or restrict them until the law lets it happen. After a code."""
    return _of_session("/erasure", session)


def answer_buyer(case_id: str, act_id: str, *, outcome: str, reason: str) -> Exchange[Any]:
    """Answer what a buyer stated: `accepted` or `rejected`. For officers."""
    steps = ("/v1/cases/", case_id, "/buyer-requests/", act_id, "/answer")
    return _ask("POST", *steps, body={"outcome": outcome, "reason": reason})


def give_picture(
    case_id: str, *, reference: str, content: str, consignment: str | None = None
) -> Exchange[Any]:
    """Send a picture of the goods that you declared. content: JPEG, PNG or WebP, in base64."""
    body = {"reference": reference, "content": content}
    if consignment is not None:
        body["consignment"] = consignment
    return _ask("POST", "/v1/cases/", case_id, "/pictures", body=body)


def give_document(case_id: str, *, reference: str, answers: str, content: str) -> Exchange[Any]:
    """Send the document that an officer has asked for. answers: the act that asks. content: of a picture or
    a plain PDF, in base64."""
    body = {"reference": reference, "answers": answers, "content": content}
    return _ask("POST", "/v1/cases/", case_id, "/proofs", body=body)


def read_buyers_proof(case_id: str, act_id: str) -> Exchange[Any]:
    """A file that a buyer or a declarant has sent. For officers; each reading is recorded."""
    return _ask("GET", "/v1/cases/", case_id, "/proofs/", act_id)


def list_examinations(case_id: str) -> Exchange[Any]:
    """What examinations of a case have found, and their photos. For officers, and whoever declared it."""
    return _ask("GET", "/v1/cases/", case_id, "/examinations")


def add_case_photo(
    case_id: str, *, reference: str, examination: str, content: str, is_withheld: bool = False
) -> Exchange[Any]:
    """Add a photo to an examination. content: of a JPEG, PNG or WebP, in base64. For officers."""
    return _ask(
        "POST",
        *("/v1/cases/", case_id, "/photos"),
        body=_photo(reference, examination, content, is_withheld=is_withheld),
    )


def show_case_photo(case_id: str, act_id: str) -> Exchange[Any]:
    """A photo of an examination; each reading is recorded."""
    return _ask("GET", "/v1/cases/", case_id, "/photos/", act_id)


def add_photo_of_unit(
    unit_id: str, *, reference: str, examination: str, content: str, is_withheld: bool = False
) -> Exchange[Any]:
    """Add a photo to an examination of a transport unit, as `add_case_photo`."""
    return _ask(
        "POST",
        *("/v1/transport-units/", unit_id, "/photos"),
        body=_photo(reference, examination, content, is_withheld=is_withheld),
    )


def show_photo_of_unit(unit_id: str, act_id: str) -> Exchange[Any]:
    """A photo of an examination of a transport unit. For officers; each reading is recorded."""
    return _ask("GET", "/v1/transport-units/", unit_id, "/photos/", act_id)


def request_second_examination(
    case_id: str, *, reference: str, examination: str, reason: str
) -> Exchange[Any]:
    """Ask that goods are examined once more. For whoever declared them."""
    body = {"reference": reference, "examination": examination, "reason": reason}
    return _ask("POST", "/v1/cases/", case_id, "/second-examinations", body=body)


def answer_second_examination(
    case_id: str, act_id: str, *, reference: str, answer: str, reason: str
) -> Exchange[Any]:
    """Grant or refuse a second examination: `granted` or `refused`. For officers."""
    steps = ("/v1/cases/", case_id, "/second-examinations/", act_id, "/answer")
    return _ask("POST", *steps, body={"reference": reference, "answer": answer, "reason": reason})


def _photo(reference: str, examination: str, content: str, *, is_withheld: bool) -> dict[str, Any]:
    return {
        "reference": reference,
        "examination": examination,
        "content": content,
        "is_withheld": is_withheld,
    }


def check_notice(number: str) -> Exchange[Any]:
    """Whether a message with this number is the administration's."""
    return _ask("POST", "/v1/notices/check", body={"number": number})


def _of_session(path: str, session: str, **body: Any) -> Exchange[Any]:
    return _ask("POST", f"/v1/track{path}", body={"session": session, **body})


def check_message(
    standard: str,
    content: bytes,
    *,
    content_type: str = "application/xml",
    kind: str | None = None,
    edition: str | None = None,
) -> Exchange[Any]:
    """Check a message by a form or standard; nothing is stored."""
    return _ask(
        "POST", "/v1/check/", standard, content=content, content_type=content_type, kind=kind, edition=edition
    )


def describe_goods(request: Data) -> Exchange[Any]:
    """Say of goods descriptions whether they are vague, and which codes they mean. request: a
    `DescribeRequest`; nothing is stored."""
    return _ask("POST", "/v1/describe", body=request)


def read_answers(
    standard: str, *, after: str | None = None, limit: int | None = None, wait_s: float | None = None
) -> Exchange[Any]:
    """Later answers as messages of a standard."""
    return _ask("GET", "/v1/messages/", standard, "/answers", after=after, limit=limit, wait_s=wait_s)


# ---- quotes ----


def quote_baskets(request: Data) -> Exchange[Any]:
    """Quote baskets for each of many destinations. request: a `BasketRequest`."""
    return _ask("POST", "/v1/quotes/baskets", body=request)


def verify_quote(signed: str) -> Exchange[Any]:
    """Check a signed quote."""
    return _ask("POST", "/v1/quotes/verify", body={"signed": signed})


def read_quote_accounts() -> Exchange[Any]:
    """What honouring quotes has come to."""
    return _ask("GET", "/v1/quotes/accounts")


def read_quote_keys() -> Exchange[Any]:
    """The public key that quotes are signed with (RFC 7517)."""
    return _ask("GET", "/.well-known/jwks.json")


# ---- receipts and log ----


def read_receipt_of_decision(decision_id: str) -> Exchange[bytes]:
    """The receipt of a decision, byte for byte."""
    return _read("/v1/receipts/", decision_id, accept=JSON)


def read_receipt_openings(leaf_id: str) -> Exchange[Any]:
    """The salts of your own document and decision, by which the receipt's fields can be opened."""
    return _ask("GET", "/v1/receipts/", leaf_id, "/openings")


def verify_receipt(receipt: bytes) -> Exchange[Any]:
    """Have the server check a receipt; `serai.client.receipts` does so without asking anybody."""
    return _ask("POST", "/v1/receipts/verify", content=receipt)


def read_checkpoint() -> Exchange[bytes]:
    """The newest signed checkpoint of the log."""
    return _read("/log/checkpoint", accept="text/plain")


def read_tile(path: str) -> Exchange[bytes]:
    """A tile or entry bundle of the log. path: behind `/log/tile/`, such as 0/000."""
    reply = yield Call("GET", f"/log/tile/{quote(path)}", accept="application/octet-stream")
    return reply.content


def read_consistency(old_size: int, new_size: int) -> Exchange[bytes]:
    """Proof that the log of one size begins with the log of a smaller one: a hash in base64 a line."""
    query = {"old_size": str(old_size), "new_size": str(new_size)}
    reply = yield Call("GET", "/log/consistency", query=query, accept="text/plain")
    return reply.content


# ---- webhooks ----


def list_webhooks() -> Exchange[Any]:
    """Your webhooks."""
    return _ask("GET", "/v1/webhooks")


def add_webhook(webhook: Data) -> Exchange[Any]:
    """Register an address that your events are sent to. webhook: a `NewWebhook`."""
    return _ask("POST", "/v1/webhooks", body=webhook)


def read_webhook(webhook: str) -> Exchange[Any]:
    """One webhook."""
    return _ask("GET", "/v1/webhooks/", webhook)


def remove_webhook(webhook: str) -> Exchange[Any]:
    """Remove a webhook."""
    return _ask("DELETE", "/v1/webhooks/", webhook)


def replay_webhook(webhook: str, *, after: str = "") -> Exchange[Any]:
    """Send events again from a cursor of the feed."""
    return _ask("POST", "/v1/webhooks/", webhook, "/replay", body={"after": after})


def try_webhook(webhook: str) -> Exchange[Any]:
    """Send a test event to a webhook now, and say what became of it."""
    return _ask("POST", "/v1/webhooks/", webhook, "/test")


def replace_secret(webhook: str) -> Exchange[Any]:
    """Replace the secret of a webhook; the new one is in this answer only."""
    return _ask("POST", "/v1/webhooks/", webhook, "/secret")


def list_tries(webhook: str, *, after: str | None = None, limit: int | None = None) -> Exchange[Any]:
    """Every try to send an event, the newest first."""
    return _ask("GET", "/v1/webhooks/", webhook, "/tries", after=after, limit=limit)


# ---- visibility events ----


def list_resources() -> Exchange[Any]:
    """Which resources of EPCIS there are."""
    return _ask("GET", "/v1/epcis")


def list_captures(*, per_page: int | None = None, page_token: str | None = None) -> Exchange[Any]:
    """Your captures, the newest first."""
    return _ask("GET", "/v1/epcis/capture", perPage=per_page, nextPageToken=page_token)


def capture_events(content: bytes, *, content_type: str = JSON) -> Exchange[Any]:
    """Capture the events of an EPCIS document."""
    return _ask("POST", "/v1/epcis/capture", content=content, content_type=content_type)


def read_capture(capture_id: str) -> Exchange[Any]:
    """What became of a capture."""
    return _ask("GET", "/v1/epcis/capture/", capture_id)


def capture_event(content: bytes, *, content_type: str = JSON) -> Exchange[Any]:
    """Capture one event."""
    return _ask("POST", "/v1/epcis/events", content=content, content_type=content_type)


def query_events(parameters: Data) -> Exchange[Any]:
    """Events by parameters of the EPCIS query language: EQ_bizStep, GE_eventTime ..."""
    return _ask("GET", "/v1/epcis/events", **parameters)


def read_event(event_id: str) -> Exchange[Any]:
    """One event by its identifier."""
    return _ask("GET", "/v1/epcis/events/", event_id)


def list_values(of: str, *, per_page: int | None = None, page_token: str | None = None) -> Exchange[Any]:
    """Values that your events have used. of: one of EPCIS_SETS."""
    return _ask("GET", "/v1/epcis/", of, perPage=per_page, nextPageToken=page_token)


def read_value(of: str, value: str) -> Exchange[Any]:
    """What there is of one value. of: one of EPCIS_SETS."""
    return _ask("GET", "/v1/epcis/", of, "/", value)


def list_queries(*, per_page: int | None = None, page_token: str | None = None) -> Exchange[Any]:
    """Your queries that have a name."""
    return _ask("GET", "/v1/epcis/queries", perPage=per_page, nextPageToken=page_token)


def create_query(name: str, query: Data) -> Exchange[Any]:
    """Give a query a name."""
    return _ask("POST", "/v1/epcis/queries", body={"name": name, "query": query})


def read_query(query_name: str) -> Exchange[Any]:
    """A query by its name."""
    return _ask("GET", "/v1/epcis/queries/", query_name)


def delete_query(query_name: str) -> Exchange[Any]:
    """Forget a query's name."""
    return _ask("DELETE", "/v1/epcis/queries/", query_name)


def read_query_events(query_name: str, *, per_page: int | None = None) -> Exchange[Any]:
    """The events that a query asks for, as they are now."""
    return _ask("GET", "/v1/epcis/queries/", query_name, "/events", perPage=per_page)


# ---- data quality ----


def list_scorecards(*, days: int | None = None) -> Exchange[Any]:
    """Senders with their scores."""
    return _ask("GET", "/v1/scorecards", days=days)


def read_scorecard(party: str, *, days: int | None = None) -> Exchange[Any]:
    """A sender's scorecard."""
    return _ask("GET", "/v1/scorecards/", party, days=days)


def open_dispute(party: str, dispute: Data) -> Exchange[Any]:
    """Dispute a score. dispute: a `NewDispute`."""
    return _ask("POST", "/v1/scorecards/", party, "/disputes", body=dispute)


def answer_dispute(party: str, dispute: str, *, is_upheld: bool, statement: str) -> Exchange[Any]:
    """Answer a dispute."""
    body = {"is_upheld": is_upheld, "statement": statement}
    return _ask("POST", "/v1/scorecards/", party, "/disputes/", dispute, "/answer", body=body)


# ---- administering ----


def list_administering_acts(*, limit: int | None = None, after: str | None = None) -> Exchange[Any]:
    """What administrators did and who signed in, the newest first."""
    return _ask("GET", "/v1/administering-acts", limit=limit, after=after)


def read_act_proof(act_id: str) -> Exchange[Any]:
    """What proves that an act of administering stands in the log; POST /v1/receipts/verify takes it."""
    return _ask("GET", "/v1/administering-acts/", act_id, "/proof")


def read_settings() -> Exchange[Any]:
    """The settings of the node, their values and where those come from."""
    return _ask("GET", "/v1/settings")


def list_accounts() -> Exchange[Any]:
    """The accounts of the administration's people."""
    return _ask("GET", "/v1/accounts")


def make_account(sign_in_name: str, *, roles: Sequence[str], person: str | None = None) -> Exchange[Any]:
    """Make an account; its first password is in the answer and nowhere else."""
    body = {"sign_in_name": sign_in_name, "roles": [*roles], **({"person": person} if person else {})}
    return _ask("POST", "/v1/accounts", body=body)


def read_account(account: str) -> Exchange[Any]:
    """One account."""
    return _ask("GET", "/v1/accounts/", account)


def give_account_roles(account: str, roles: Sequence[str]) -> Exchange[Any]:
    """Give an account these roles and no others."""
    return _ask("PUT", "/v1/accounts/", account, "/roles", body={"roles": [*roles]})


def give_account_password(account: str) -> Exchange[Any]:
    """Give an account another password, which is in the answer and nowhere else."""
    return _ask("POST", "/v1/accounts/", account, "/password")


def lock_account(account: str) -> Exchange[Any]:
    """Lock an account: nobody signs in with it, its sessions end."""
    return _ask("PUT", "/v1/accounts/", account, "/lock")


def unlock_account(account: str) -> Exchange[Any]:
    """Unlock an account, also one whose name had too many tries."""
    return _ask("DELETE", "/v1/accounts/", account, "/lock")


def reset_second_factor(account: str) -> Exchange[Any]:
    """Let an account set its authenticator app up anew."""
    return _ask("DELETE", "/v1/accounts/", account, "/second-factor")


def end_account_sessions(account: str) -> Exchange[Any]:
    """Sign an account out everywhere."""
    return _ask("DELETE", "/v1/accounts/", account, "/sessions")


def list_identities_of_account(account: str) -> Exchange[Any]:
    """At which providers an account may sign in, beside here."""
    return _ask("GET", "/v1/accounts/", account, "/identities")


def link_identity(account: str, provider: str, subject: str) -> Exchange[Any]:
    """Let a subject of a provider sign in as an account."""
    return _ask("PUT", "/v1/accounts/", account, "/identities/", provider, body={"subject": subject})


def part_identity(account: str, provider: str) -> Exchange[Any]:
    """Let nobody of a provider sign in as an account any more."""
    return _ask("DELETE", "/v1/accounts/", account, "/identities/", provider)


def end_account(account: str) -> Exchange[Any]:
    """End an account for good."""
    return _ask("DELETE", "/v1/accounts/", account)


def read_risk() -> Exchange[Any]:
    """Risk rules in force, the budget, what each measure brought, and alarms."""
    return _ask("GET", "/v1/risk")


def try_risk_rule(content: Data) -> Exchange[Any]:
    """Try a risk rule on the stored cases of the last days; nothing is changed. content: a `RuleToTry`."""
    return _ask("POST", "/v1/risk/trial", body=content)


def put_risk_rule(rule: str, content: Data) -> Exchange[Any]:
    """Put a risk rule in force, or change it. content: a `NewRiskRule`."""
    return _ask("PUT", "/v1/risk/rules/", rule, body=content)


def withdraw_risk_rule(rule: str) -> Exchange[Any]:
    """Withdraw a risk rule."""
    return _ask("DELETE", "/v1/risk/rules/", rule)


def set_inspection_budget(content: Data) -> Exchange[Any]:
    """Say how much can be looked at in a day. content: a `Budget`."""
    return _ask("PUT", "/v1/risk/budget", body=content)


def read_case_selection(case_id: str) -> Exchange[Any]:
    """Why the consignments of a case are looked at."""
    return _ask("GET", "/v1/risk/cases/", case_id)


def read_fairness() -> Exchange[Any]:
    """How often groups of parcels are selected and found wrong, from the random share: open data."""
    return _ask("GET", "/v1/fairness")


def list_offices() -> Exchange[Any]:
    """The customs offices, and what is written of them for later days."""
    return _ask("GET", "/v1/offices")


def put_office(office: str, content: Data) -> Exchange[Any]:
    """Add or change a customs office. content: a `NewOffice`."""
    return _ask("PUT", "/v1/offices/", office, body=content)


def end_office(office: str, *, valid_from: str | None = None) -> Exchange[Any]:
    """End a customs office, from a day on or at once."""
    return _ask("DELETE", "/v1/offices/", office, valid_from=valid_from)


def list_parties(*, limit: int | None = None, after: str | None = None) -> Exchange[Any]:
    """The parties and their roles."""
    return _ask("GET", "/v1/parties", limit=limit, after=after)


def add_party(reference: str, *, name: str, roles: Sequence[str]) -> Exchange[Any]:
    """Add a party with its roles."""
    return _ask("POST", "/v1/parties", body={"reference": reference, "name": name, "roles": [*roles]})


def read_party(party: str) -> Exchange[Any]:
    """One party and its roles."""
    return _ask("GET", "/v1/parties/", party)


def give_role(party: str, role: str) -> Exchange[Any]:
    """Give a party a role."""
    return _ask("PUT", "/v1/parties/", party, "/roles/", role)


def take_role(party: str, role: str) -> Exchange[Any]:
    """Take a role from a party."""
    return _ask("DELETE", "/v1/parties/", party, "/roles/", role)


def list_identifiers(party: str) -> Exchange[Any]:
    """The identifiers by which documents name a party."""
    return _ask("GET", "/v1/parties/", party, "/identifiers")


def add_identifier(party: str, identifier: str) -> Exchange[Any]:
    """Register an identifier of a party."""
    return _ask("POST", "/v1/parties/", party, "/identifiers", body={"identifier": identifier})


def remove_identifier(party: str, identifier: str) -> Exchange[Any]:
    """Remove an identifier of a party."""
    return _ask("DELETE", "/v1/parties/", party, "/identifiers/", identifier)


def list_keys(party: str) -> Exchange[Any]:
    """The keys of a party, without their texts."""
    return _ask("GET", "/v1/parties/", party, "/keys")


def make_key(
    party: str,
    reference: str,
    *,
    scopes: Sequence[str],
    expires_at: str | None = None,
    jwk: Data | None = None,
) -> Exchange[Any]:
    """Make a key for a party; its text is in this answer and nowhere else. jwk: the public key of a machine
    that signs instead."""
    body = {"reference": reference, "scopes": [*scopes], "expires_at": expires_at, "jwk": jwk}
    return _ask("POST", "/v1/parties/", party, "/keys", body=body)


def revoke_key(party: str, key: str) -> Exchange[Any]:
    """Revoke a key of a party."""
    return _ask("DELETE", "/v1/parties/", party, "/keys/", key)


def register_organisation(name: str, *, country_code: str, email: str) -> Exchange[Any]:
    """Register an organisation; a link goes to its e-mail address."""
    body = {"name": name, "country_code": country_code, "email": email}
    return _ask("POST", "/v1/registrations", body=body)


def list_people(party: str) -> Exchange[Any]:
    """The people of a party."""
    return _ask("GET", "/v1/parties/", party, "/people")


def invite_person(party: str, email: str, *, member_role: str) -> Exchange[Any]:
    """Invite a person to a party; a link goes to the e-mail address."""
    body = {"email": email, "member_role": member_role}
    return _ask("POST", "/v1/parties/", party, "/people", body=body)


def end_person(party: str, account: str) -> Exchange[Any]:
    """End the account of a person of a party."""
    return _ask("DELETE", "/v1/parties/", party, "/people/", account)


def list_proposals() -> Exchange[Any]:
    """What waits for a second person, and what became of it."""
    return _ask("GET", "/v1/proposals")


def read_proposal(proposal: str) -> Exchange[Any]:
    """One proposal, and what it would do."""
    return _ask("GET", "/v1/proposals/", proposal)


def approve_proposal(proposal: str, body: Data) -> Exchange[Any]:
    """Approve what another person has proposed. body: an `Approval`."""
    return _ask("POST", "/v1/proposals/", proposal, "/approval", body=body)


def reject_proposal(proposal: str, body: Data) -> Exchange[Any]:
    """Reject what was proposed. body: a `Rejection`."""
    return _ask("POST", "/v1/proposals/", proposal, "/rejection", body=body)


def list_lists() -> Exchange[Any]:
    """Which lists are in force."""
    return _ask("GET", "/v1/lists")


def import_list(kind: str, content: bytes, *, name: str, content_type: str = "text/csv") -> Exchange[Any]:
    """Put a list in force."""
    return _ask("POST", "/v1/lists/", kind, content=content, content_type=content_type, name=name)


def list_generations() -> Exchange[Any]:
    """What law was put in force, and when."""
    return _ask("GET", "/v1/law-generations")


def submit_bulk_declaration(content: bytes, *, content_type: str = JSON) -> Exchange[Any]:
    """Lodge an envelope of declarations as one JSON object (head and `declarations`)."""
    return _ask("POST", "/v1/bulk-declarations", content=content, content_type=content_type)


def read_bulk_declaration(
    reference: str, *, after: str | None = None, limit: int | None = None
) -> Exchange[Any]:
    """An envelope of yours: its MRN and its declarations."""
    return _ask("GET", "/v1/bulk-declarations/", reference, after=after, limit=limit)


def read_law_pack(code: str, version: str) -> Exchange[Any]:
    """The files of a law pack in the version that a decision names."""
    return _ask("GET", "/v1/law-packs/", code, "/", version)


def activate_law(
    content: bytes, *, content_type: str = "application/zip", note: str | None = None
) -> Exchange[Any]:
    """Put law packs in force: an archive, or JSON that names an earlier generation."""
    return _ask("POST", "/v1/law-generations", content=content, content_type=content_type, note=note)


# ---- health ----


def read_statistics() -> Exchange[Any]:
    """Release times by lane, channel and mode, and how measures ended: open data."""
    return _ask("GET", "/v1/statistics")


def read_release_times() -> Exchange[bytes]:
    """Release times as CSV."""
    return _read("/v1/statistics/release-times", accept="text/csv")


def read_measures() -> Exchange[bytes]:
    """How measures ended as CSV."""
    return _read("/v1/statistics/measures", accept="text/csv")


def read_status() -> Exchange[Any]:
    """Is the service up, how available and fast was it, how old is the log's checkpoint?"""
    return _ask("GET", "/v1/status")


def read_health() -> Exchange[Any]:
    """Is the process alive?"""
    return _ask("GET", "/healthz")


def read_readiness() -> Exchange[Any]:
    """Can it take requests?"""
    return _ask("GET", "/readyz")


def read_metrics() -> Exchange[bytes]:
    """Figures of the process in the Prometheus text format."""
    return _read("/metrics", accept="text/plain")


def _ask(
    method: str,
    *steps: str,
    body: Data | None = None,
    content: bytes | None = None,
    content_type: str = JSON,
    headers: dict[str, str] | None = None,
    **query: Any,
) -> Exchange[Any]:
    """Make one call. steps: of the path, every second one a value, which is percent-encoded."""
    reply = yield Call(
        method,
        _path(steps),
        query={name: str(value) for name, value in query.items() if value is not None},
        content=msgspec.json.encode(body) if body is not None else content,
        content_type=content_type,
        headers=headers or {},
        tells=frozenset({200, 201, 202, 204}),
        waits_s=float(query.get("wait_s") or 0),
    )
    return _decoded(reply)


def _read(*steps: str, accept: str, **query: str | None) -> Exchange[bytes]:
    asked = {name: value for name, value in query.items() if value is not None}
    reply = yield Call("GET", _path(steps), query=asked, accept=accept)
    return reply.content


def _withdraw(path: str, reference: str, expected_version: int, reason: str) -> Exchange[Any]:
    body = {"expected_version": expected_version, "reason": reason}
    return _ask("POST", path, reference, "/withdrawal", body=body)


def _path(steps: Sequence[str]) -> str:
    return "".join(quote(step, safe="") if place % 2 else step for place, step in enumerate(steps))


def _decoded(reply: Reply) -> Any:
    return msgspec.json.decode(reply.content) if reply.content else None
