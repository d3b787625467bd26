"""The groups that the API is described in, by what a path begins with: a new route needs no word here."""

from typing import Final, NamedTuple


class Group(NamedTuple):
    """Endpoints that are read together. title: as a tag of the document; says: what one does with them."""

    title: str
    says: str
    beginnings: tuple[str, ...]


GROUPS: Final = (
    Group(
        "Declarations",
        "Lodge declarations, one, many or as a bulk declaration; amend, present, invalidate, read them.",
        ("/v1/declarations", "/v1/bulk-declarations"),
    ),
    Group(
        "Supporting documents",
        "Orders, payments, transport documents, returns and arrivals that are held against declarations.",
        ("/v1/orders", "/v1/payments", "/v1/transport-documents", "/v1/returns", "/v1/arrivals"),
    ),
    Group(
        "Before loading",
        "Risk assessment on data before goods are loaded.",
        (
            "/v1/pre-loading-assessments",
            "/v1/transport-documents/{reference}/pre-loading",
            "/v1/transport-documents/{reference}/screening",
        ),
    ),
    Group(
        "Cases",
        "What is known of a parcel: decision, charges, explanation, history, documents, people.",
        ("/v1/cases", "/v1/people"),
    ),
    Group(
        "Acts and appeals",
        "What officers and parties do in a case: measures, answers, appeals, reviews, payments.",
        (
            "/v1/bulk-acts",
            "/v1/transport-units",
            *(
                f"/v1/cases/{{case_id}}/{name}"
                for name in (
                    "acts",
                    "appeals",
                    "buyer-requests",
                    "custody",
                    "examinations",
                    "listed-names",
                    "payment-records",
                    "photos",
                    "possible-matches",
                    "proofs",
                    "review-requests",
                    "second-examinations",
                )
            ),
        ),
    ),
    Group(
        "Buyers",
        "Follow a parcel by its number and postcode, without an account; is a notice ours?",
        ("/v1/track", "/v1/notices"),
    ),
    Group("Events and webhooks", "Follow what changes.", ("/v1/events", "/v1/webhooks")),
    Group("Quotes", "What a parcel will cost, signed, to be cited.", ("/v1/quotes", "/.well-known")),
    Group(
        "Bank statements",
        "What came to the administration's accounts, and what it paid.",
        ("/v1/bank-statements", "/v1/bank-movements"),
    ),
    Group(
        "Refunds",
        "What is due back, orders to pay it, and to which account.",
        (
            "/v1/refunds-due",
            "/v1/refund-orders",
            "/v1/refund-batches",
            "/v1/refund-statuses",
            "/v1/refund-account",
        ),
    ),
    Group(
        "Statements",
        "What is to be paid, and statements of accounts by month.",
        ("/v1/statements", "/v1/amounts-payable"),
    ),
    Group(
        "Money",
        "What is owed, revenue, and what plans of repayment come to.",
        ("/v1/money-statistics", "/v1/repayment-plans"),
    ),
    Group("Guarantees", "What amounts payable are secured with.", ("/v1/guarantees",)),
    Group(
        "Permits",
        "Permits of other government agencies: issue, bring and revoke them, name them for goods.",
        ("/v1/permits", "/v1/agencies", "/v1/cases/{case_id}/permits"),
    ),
    Group(
        "Parcels before agencies",
        "What waits for another government agency, and what it decides.",
        ("/v1/agency",),
    ),
    Group("Payment accounts", "Over which parties pay.", ("/v1/payment-accounts",)),
    Group(
        "Tax-paid proof",
        "Whose tax-paid tokens are believed, who cites a scheme number, and the status of proofs.",
        ("/v1/token-issuers", "/v1/status-lists", "/v1/schemes", "/v1/tax-paid"),
    ),
    Group("Mandates", "Who may send and act in whose name.", ("/v1/mandates",)),
    Group("Sources of lists", "Where signed lists come from, with their keys.", ("/v1/list-sources",)),
    Group("Split shipments", "Groups of parcels that may be parts of one order.", ("/v1/split-shipments",)),
    Group(
        "Rights holders",
        "Recordals of rights, what is detained for them, and the answers of holders and declarants.",
        ("/v1/recordals", "/v1/rights-detentions", "/v1/cases/{case_id}/rights-detentions"),
    ),
    Group(
        "Recalls", "Goods that are looked for in what is in flight.", ("/v1/recalls", "/v1/recall-take-downs")
    ),
    Group(
        "Standards",
        "Send messages of standards; what is wrong with a message or a description.",
        ("/v1/messages", "/v1/check", "/v1/describe"),
    ),
    Group("Visibility events", "GS1 EPCIS 2.0: capture, ask, queries that are kept.", ("/v1/epcis",)),
    Group(
        "Data quality and due diligence",
        "Scorecards and disputes of them; what each role owes.",
        ("/v1/scorecards", "/v1/due-diligence"),
    ),
    Group("Law", "Law packs as decisions name them.", ("/v1/law-packs",)),
    Group(
        "Receipts and the log",
        "Proofs of decisions, and the public log that they stand in.",
        ("/log", "/v1/receipts", "/v1/cases/{case_id}/receipt"),
    ),
    Group(
        "Administering",
        "Parties, their people and keys, lists and law in force, and what needs a second person.",
        (
            *(
                "/v1/accounts",
                "/v1/settings",
                "/v1/parties",
                "/v1/registrations",
                "/v1/offices",
                "/v1/lists",
                "/v1/law-generations",
            ),
            *("/v1/proposals", "/v1/administering-acts"),
            *("/oauth", "/.well-known/oauth-authorization-server"),
        ),
    ),
    Group(
        "Risk",
        "Officers' risk rules, what is looked at and what that brings; for officers alone.",
        ("/v1/risk",),
    ),
    Group(
        "Open data",
        "Release times, how measures ended, service status: for everybody.",
        ("/v1/statistics", "/v1/status", "/v1/fairness"),
    ),
    Group("Health", "Is it alive, is it ready, what does it measure?", ("/healthz", "/readyz", "/metrics")),
)


def group_of(path: str) -> Group:
    """Return the group of a path: the one with the longest beginning. Raises LookupError where none has."""
    found = [
        (len(beginning), group)
        for group in GROUPS
        for beginning in group.beginnings
        if path == beginning or path.startswith(f"{beginning}/")
    ]
    if not found:
        raise LookupError(f"{path} belongs to no group of the API; give its group the beginning")
    return max(found, key=lambda one: one[0])[1]
