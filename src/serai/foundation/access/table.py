"""The one table of acts: which role may do what, and which scope a key needs for it.

Every route names its act in `opt={"act": ...}`; guards and the published matrix are made from this table.
Whose data an actor sees *within* an act (its own cases only, say) is the room's business.
"""

from typing import Final

import msgspec

from serai.foundation.access.actor import ADMINISTRATION, Actor, Means, MemberRole, Role
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

EVERYONE: Final = frozenset(Role)
PARTIES: Final = EVERYONE - {Role.PUBLIC}
TRADE: Final = frozenset(
    {
        Role.PLATFORM, Role.SELLER, Role.PAYMENT_PROVIDER, Role.CARRIER, Role.POST, Role.DECLARANT,
    }
)  # fmt: skip
DECLARANTS: Final = frozenset({Role.PLATFORM, Role.SELLER, Role.CARRIER, Role.POST, Role.DECLARANT})

SCOPES: Final = {
    "lodging": "Send declarations, orders, payments, transport documents and arrivals.",
    "reading": "Read cases, lists and events that the party may see.",
    "quoting": "Ask for landed-cost quotes.",
    "subscribing": "Register webhooks: addresses that the party's events are sent to.",
    "administering": "Manage parties, keys, lists and law packs.",
}


OWN_ACCOUNT: Final = "own-account"
MANAGING: Final = "managing"
SESSION_SCOPES: Final = {
    OWN_ACCOUNT: "Change how one signs in. Whoever is signed in has it; no key does.",
    MANAGING: "Invite persons of one's own party and manage its keys. Managers of it have this; no key does.",
}
"""Scopes of people alone."""
MEMBER_SCOPES: Final[dict[MemberRole, frozenset[str]]] = {
    MemberRole.MANAGER: frozenset({"lodging", "reading", "quoting", "subscribing", OWN_ACCOUNT, MANAGING}),
    MemberRole.MEMBER: frozenset({"lodging", "reading", "quoting", OWN_ACCOUNT}),
    MemberRole.READER: frozenset({"reading", OWN_ACCOUNT}),
}
"""What persons of a party may use its roles for."""


class Act(msgspec.Struct, frozen=True):
    """One row: what is done, which roles may do it, which scope a key needs (None: no key is asked for)."""

    meaning: str
    roles: frozenset[Role]
    scope: str | None


ACTS: Final[dict[str, Act]] = {
    "public.read": Act("Read what is public: law, figures, problem pages, style, health.", EVERYONE, None),
    "calculator.use": Act("Ask the public calculator; nothing is stored or signed.", EVERYONE, None),
    "messages.check": Act("Check a message by any form or standard; nothing is stored.", EVERYONE, None),
    "receipts.verify": Act("Check a receipt, a proof or a checkpoint.", EVERYONE, None),
    "session.enter": Act("Sign in, enter by a one-use link, sign out.", EVERYONE, None),
    "registration.ask": Act(
        "Register an organisation, follow a link that was sent by e-mail, ask for a new password.", EVERYONE,
        None
    ),
    "account.use": Act("Change how one signs in; see one's own organisation.", EVERYONE, OWN_ACCOUNT),
    "organisation.manage": Act(
        "Invite persons of one's own organisation, say what they may, make and revoke its keys.",
        PARTIES - ADMINISTRATION,
        MANAGING,
    ),
    "parcels.track": Act(
        "Look where a parcel stands by its number and postcode; more after a one-time code.", EVERYONE, None
    ),
    "quotes.ask": Act("Ask what a parcel will cost.", PARTIES, "quoting"),
    "messages.send": Act(
        "Send messages of standards; what a message asks must be allowed as well.", TRADE, "lodging"
    ),
    "declarations.lodge": Act("Lodge, amend, present or invalidate declarations.", DECLARANTS, "lodging"),
    "orders.submit": Act("Send orders.", frozenset({Role.PLATFORM, Role.SELLER, Role.DECLARANT}), "lodging"),
    "payments.submit": Act(
        "Send payments.", frozenset({Role.PAYMENT_PROVIDER, Role.PLATFORM, Role.SELLER}), "lodging"
    ),
    "transport_documents.submit": Act(
        "Send transport documents.", frozenset({Role.CARRIER, Role.POST, Role.DECLARANT}), "lodging"
    ),
    "mandates.grant": Act("Grant and revoke mandates: who may act in one's name.", TRADE, "lodging"),
    "mandates.read": Act("Read the mandates one has granted or was granted.", TRADE, "reading"),
    "returns.submit": Act("Say which goods come back.", DECLARANTS, "lodging"),
    "loading.read": Act(
        "See pre-loading assessments: officers all, parties their own.",
        frozenset({Role.CARRIER, Role.POST, Role.DECLARANT, Role.OFFICER}),
        "reading",
    ),
    "loading.decide": Act("Say whether goods may be loaded.", frozenset({Role.OFFICER}), "lodging"),
    "arrivals.submit": Act(
        "Report arrivals.", frozenset({Role.CARRIER, Role.POST, Role.OFFICER}), "lodging"
    ),
    "visibility_events.capture": Act(
        "Send visibility events (EPCIS).", TRADE | {Role.OFFICER}, "lodging"
    ),
    "visibility_events.read": Act("Ask for visibility events (EPCIS).", PARTIES, "reading"),
    "payments.record": Act(
        "Mark charges as paid, put on an account of one's own or secured; say to whom it was passed on.",
        frozenset(
            {
                Role.OFFICER, Role.PAYMENT_PROVIDER, Role.CARRIER, Role.POST, Role.PLATFORM, Role.SELLER,
                Role.DECLARANT,
            }
        ),
        "lodging",
    ),
    "cases.act": Act(
        "Act on a case: each kind of act asks for what follows.",
        TRADE | {Role.OFFICER},
        "lodging",
    ),
    "measures.take": Act(
        "Take measures: ask, hold, examine, determine, release, refuse, detain, seize, dispose of goods.",
        frozenset({Role.OFFICER}),
        "lodging",
    ),
    "appeals.lodge": Act("Appeal, and state one's view in an appeal.", DECLARANTS, "lodging"),
    "appeals.decide": Act(
        "State the administration's view in an appeal, decide it, suspend the effect of what it is against.",
        frozenset({Role.OFFICER}),
        "lodging",
    ),
    "hearings.answer": Act("Say that one knows of a hearing, and be heard.", DECLARANTS, "lodging"),
    "information.give": Act("Answer what an officer asks, in words or by a document.", TRADE, "lodging"),
    "matches.join": Act("Say that a document belongs to a case.", frozenset({Role.OFFICER}), "lodging"),
    "custody.settle": Act(
        "Say that events of who does not hold the goods were looked at.", frozenset({Role.OFFICER}), "lodging"
    ),
    "matches.part": Act(
        "Say that a document does not belong to a case.", frozenset({Role.OFFICER}), "lodging"
    ),
    "reviews.request": Act("Ask for a human's review of a refusal.", TRADE, "lodging"),
    "reviews.answer": Act(
        "Say that a refusal stands, or set it aside.", frozenset({Role.OFFICER}), "lodging"
    ),
    "split-shipments.read": Act(
        "Read groups of parcels that may be parts of one order.", frozenset({Role.OFFICER}), "reading"
    ),
    "split-shipments.decide": Act(
        "Say whether a group of parcels is one order or separate orders.",
        frozenset({Role.OFFICER}),
        "lodging",
    ),
    "listed-names.read": Act(
        "Read which names on a case resemble entries of lists of denied parties.",
        frozenset({Role.OFFICER}),
        "reading",
    ),
    "listed-names.decide": Act(
        "Say whether somebody on a document is who a list of denied parties names.",
        frozenset({Role.OFFICER}),
        "lodging",
    ),
    "buyers.answer": Act(
        "Answer what the buyer of a parcel states, and read the files sent.",
        frozenset({Role.OFFICER}),
        "lodging",
    ),
    "recalls.declare": Act(
        "Recall goods: look for what is in flight, have it suspended or looked at, and withdraw that.",
        frozenset({Role.OFFICER, Role.AGENCY}),
        "lodging",
    ),
    "recalls.read": Act(
        "Read recalls and what they have found: officers all, an agency its own.",
        frozenset({Role.OFFICER, Role.AGENCY}),
        "reading",
    ),
    "take-downs.read": Act(
        "Read what platforms are asked to take down: a platform its own, an agency for its recalls.",
        frozenset({Role.PLATFORM, Role.OFFICER, Role.AGENCY}),
        "reading",
    ),
    "take-downs.answer": Act(
        "Answer what became of offers of recalled goods.", frozenset({Role.PLATFORM}), "lodging"
    ),
    "recalls.close": Act(
        "Say that a consignment was looked at for a recall.", frozenset({Role.OFFICER}), "lodging"
    ),
    "recordals.lodge": Act(
        "Lodge recordals of one's rights, add pictures, ask that they last longer.",
        frozenset({Role.RIGHTS_HOLDER}),
        "lodging",
    ),
    "recordals.read": Act(
        "Read recordals: officers all, a rights holder its own.",
        frozenset({Role.RIGHTS_HOLDER, Role.OFFICER}),
        "reading",
    ),
    "recordals.decide": Act(
        "Grant, refuse or extend recordals, and the time of their holders.",
        frozenset({Role.OFFICER}),
        "lodging",
    ),
    "recordals.end": Act(
        "End recordals: officers any, a rights holder its own.",
        frozenset({Role.RIGHTS_HOLDER, Role.OFFICER}),
        "lodging",
    ),
    "rights-detentions.begin": Act(
        "Suspend or detain goods for a right.", frozenset({Role.OFFICER}), "lodging"
    ),
    "rights-detentions.read": Act(
        "Read what is detained for rights: officers all, a rights holder what it was told of.",
        frozenset({Role.RIGHTS_HOLDER, Role.OFFICER}),
        "reading",
    ),
    "rights-detentions.see": Act(
        "Read one detention for a right: officers, its rights holder, parties of its case.",
        TRADE | {Role.RIGHTS_HOLDER, Role.OFFICER},
        "reading",
    ),
    "rights-detentions.answer-as-holder": Act(
        "Answer what detained goods are, ask for names or more time, dispute how it counts.",
        frozenset({Role.RIGHTS_HOLDER}),
        "lodging",
    ),
    "rights-detentions.answer": Act(
        "Answer whether detained goods that one declared may be destroyed.", DECLARANTS, "lodging"
    ),
    "cases.read": Act("Read a case, its decision, explanation, receipt and history.", PARTIES, "reading"),
    "documents.read": Act(
        "Read how an own document stands: whether it counts in a case, and why.", TRADE, "reading"
    ),
    "cases.list": Act("List cases by status, master document or time of change.", PARTIES, "reading"),
    "cases.try": Act("Change a case and see, without storing.", PARTIES, "quoting"),
    "people.read": Act(
        "Open names and addresses of a case for a recorded purpose, and see who did: "
        "officers, and parties their own.",
        DECLARANTS | {Role.OFFICER, Role.AUDITOR},
        "reading",
    ),
    "events.read": Act("Follow the event feed.", PARTIES, "reading"),
    "webhooks.manage": Act("Register webhooks and see what became of them.", PARTIES, "subscribing"),
    "tasks.read": Act(
        "See the queue of what needs a person, and keep views of it.",
        frozenset({Role.OFFICER, Role.SUPERVISOR, Role.AUDITOR}),
        "reading",
    ),
    "tasks.take": Act(
        "Take tasks of the queue in hand, and give them back.", frozenset({Role.OFFICER}), "lodging"
    ),
    "tasks.assign": Act(
        "See who has which tasks in hand, and give them to another officer, whoever has them.",
        frozenset({Role.SUPERVISOR}),
        "lodging",
    ),
    "risk.read": Act(
        "See risk rules, what selection brought, and why a parcel is looked at.",
        frozenset({Role.OFFICER, Role.SUPERVISOR, Role.ANALYST, Role.AUDITOR}),
        "reading",
    ),
    "risk.try": Act(
        "Try a risk rule on stored cases; nothing is changed.",
        frozenset({Role.OFFICER, Role.SUPERVISOR, Role.ANALYST}),
        "reading",
    ),
    "risk.manage": Act(
        "Put risk rules in force, withdraw them, and set what can be looked at in a day.",
        frozenset({Role.OFFICER, Role.SUPERVISOR}),
        "lodging",
    ),
    "arrivals.read": Act("See arrivals and what is on them.", ADMINISTRATION | TRADE, "reading"),
    "statistics.read": Act("See statistics: lanes, sums, speed.", ADMINISTRATION, "reading"),
    "scorecards.read": Act(
        "Read scorecards of data quality and due diligence: parties their own.",
        ADMINISTRATION | TRADE,
        "reading",
    ),
    "scorecards.dispute": Act("Dispute the own score of data quality or due diligence.", TRADE, "lodging"),
    "scorecards.answer": Act(
        "Answer disputes of scores.", frozenset({Role.OFFICER, Role.LEGAL}), "lodging"
    ),
    "metrics.read": Act("Read the machine's metrics.", frozenset({Role.ADMIN}), "administering"),
    "administering.read": Act(
        "Read which lists and law are in force since when, and what administrators did.",
        frozenset({Role.ADMIN, Role.LEGAL, Role.AUDITOR}),
        "administering",
    ),
    "lists.import": Act(
        "Import denied-party lists, registers and rates.",
        frozenset({Role.ADMIN, Role.LEGAL}),
        "administering",
    ),
    "list_sources.read": Act(
        "See where signed lists come from, and how that goes.",
        frozenset({Role.ADMIN, Role.LEGAL}),
        "administering",
    ),
    "list_sources.manage": Act(
        "Register and end sources of signed lists, with their keys.",
        frozenset({Role.ADMIN}),
        "administering",
    ),
    "law.activate": Act("Load law packs and put them in force.", frozenset({Role.LEGAL}), "administering"),
    "approvals.read": Act(
        "See what waits for a second person, and what became of it.",
        frozenset({Role.ADMIN, Role.LEGAL, Role.OFFICER, Role.AUDITOR}),
        "administering",
    ),
    "approvals.decide": Act(
        "Approve or reject what another person has proposed; whoever may do it may approve it.",
        frozenset({Role.ADMIN, Role.LEGAL, Role.OFFICER}),
        "administering",
    ),
    "bank_statements.import": Act(
        "Import statements of the administration's bank accounts, and see what came of each movement.",
        frozenset({Role.OFFICER, Role.ADMIN}),
        "lodging",
    ),
    "refunds.order": Act(
        "Order money back to whoever paid, send orders to the bank, take what it answers.",
        frozenset({Role.OFFICER, Role.ADMIN}),
        "lodging",
    ),
    "refunds.read": Act(
        "Read refund orders: a party its own, the administration all.", TRADE | ADMINISTRATION, "reading"
    ),
    "refunds.account": Act("Say to which account one is paid back.", TRADE, "lodging"),
    "repayments.read": Act(
        "See what goes back in a case, or can be applied for.", TRADE | {Role.OFFICER}, "reading"
    ),
    "repayments.request": Act(
        "Apply for repayment or remission, confirm an application that a return has brought.",
        DECLARANTS,
        "lodging",
    ),
    "repayments.decide": Act(
        "Grant or refuse applications for repayment.", frozenset({Role.OFFICER}), "lodging"
    ),
    "guarantees.manage": Act(
        "Register and revoke guarantees of parties.", frozenset({Role.ADMIN}), "administering"
    ),
    "guarantees.read": Act(
        "Read guarantees and what of them is in use: a party its own, the administration all.",
        TRADE | ADMINISTRATION,
        "reading",
    ),
    "money.read": Act(
        "See debts, guarantees, payment accounts, revenue and money that waits for a person.",
        frozenset({Role.OFFICER, Role.SUPERVISOR, Role.AUDITOR, Role.ADMIN}),
        "reading",
    ),
    "payment_accounts.manage": Act(
        "Open and close payment accounts of parties.", frozenset({Role.ADMIN}), "administering"
    ),
    "payment_accounts.read": Act(
        "Read payment accounts and their statements: a party its own, the administration all.",
        TRADE | ADMINISTRATION,
        "reading",
    ),
    "agencies.manage": Act(
        "Say which agency keeps the permits of which rules, register and revoke agencies' keys.",
        frozenset({Role.ADMIN}),
        "administering",
    ),
    "agencies.read": Act(
        "See which agency keeps the permits of which rules: an agency its own.",
        TRADE | ADMINISTRATION | {Role.AGENCY},
        "reading",
    ),
    "requirements.set": Act(
        "Say what a rule of one's own remit asks for, from a day on.", frozenset({Role.AGENCY}), "lodging"
    ),
    "agency-parcels.read": Act(
        "See the parcels that are before one's own agency, with what its rules need.",
        frozenset({Role.AGENCY}),
        "reading",
    ),
    "agency-parcels.decide": Act(
        "Decide on parcels that are before one's own agency.", frozenset({Role.AGENCY}), "lodging"
    ),
    "permits.issue": Act(
        "Issue and revoke permits of one's own agency, see what was written off of them.",
        frozenset({Role.AGENCY}),
        "lodging",
    ),
    "permits.bring": Act("Bring permits that an agency has signed.", TRADE | {Role.AGENCY}, "lodging"),
    "permits.read": Act(
        "Read permits: an agency those that it issued, a party those that it holds, the administration all.",
        TRADE | ADMINISTRATION | {Role.AGENCY},
        "reading",
    ),
    "permits.present": Act("Name a permit for goods of a case.", TRADE, "lodging"),
    "token_issuers.manage": Act(
        "Register and revoke keys by which tax-paid tokens are believed.",
        frozenset({Role.ADMIN}),
        "administering",
    ),
    "token_issuers.read": Act(
        "See by which keys tax-paid tokens are believed.", TRADE | ADMINISTRATION, "reading"
    ),
    "status_lists.send": Act(
        "Send the status list of one's tax-paid tokens.", TRADE | {Role.ADMIN}, "lodging"
    ),
    "schemes.manage": Act(
        "Register who holds a scheme number.", frozenset({Role.ADMIN}), "administering"
    ),
    "schemes.read": Act(
        "See who cites a scheme number: a party its own, the administration all.",
        TRADE | ADMINISTRATION,
        "reading",
    ),
    "schemes.declare": Act(
        "Say from when on all consignments under one's scheme number carry tax-paid tokens.",
        TRADE | {Role.ADMIN},
        "lodging",
    ),
    "tokens.present": Act(
        "Show a tax-paid token for the goods of a case.", TRADE | {Role.OFFICER}, "lodging"
    ),
    "proofs.read": Act("Read the proof that duty and tax of a case were paid.", PARTIES, "reading"),
    "proofs.manage": Act(
        "Revoke and suspend the proof that duty and tax of a case were paid.",
        frozenset({Role.OFFICER}),
        "lodging",
    ),
    "statements.read": Act(
        "Read statements of accounts and what is to be paid: a party its own, the administration all.",
        TRADE | ADMINISTRATION,
        "reading",
    ),
    "offices.manage": Act(
        "Add, change and end customs offices.", frozenset({Role.ADMIN}), "administering"
    ),
    "accounts.manage": Act(
        "See, make, lock and unlock accounts of the administration's people, and say what they may.",
        frozenset({Role.ADMIN}),
        "administering",
    ),
    "settings.read": Act(
        "See the settings of this node, their values and where those come from; secrets are never shown.",
        frozenset({Role.ADMIN}),
        "administering",
    ),
    "parties.manage": Act(
        "Create parties, give roles, issue and revoke keys.", frozenset({Role.ADMIN}), "administering"
    ),
}  # fmt: skip


def act_named(name: str) -> Act:
    """Return the row; a missing one is our own mistake and stops the start-up."""
    assert name in ACTS, f"act {name!r} has no row in foundation/access/table.py"
    return ACTS[name]


def may(actor: Actor, act_name: str) -> bool:
    """Say whether `require` lets `actor` do the act."""
    act = act_named(act_name)
    return act.scope is None or (bool(actor.roles & act.roles) and act.scope in actor.scopes)


def require(actor: Actor, act_name: str) -> None:
    """Raise unless `actor` may do the act: `sign-in-needed`, `role-not-allowed` or `scope-missing`."""
    act = act_named(act_name)
    if act.scope is None:
        return
    if not actor.is_known:
        raise SeraiError(
            "sign-in-needed",
            "This needs to know who is asking, and no key was sent.",
            "Send 'Authorization: Bearer <key>', or sign in on the pages.",
        )
    if not actor.roles & act.roles:
        allowed = ", ".join(sorted(act.roles))
        if actor.means is Means.PAGE_SESSION:
            raise SeraiError(
                "role-not-allowed",
                MessageText(
                    "Your account may not do this. It is for: {allowed}.", allowed=allowed.replace("_", " ")
                ),
                "Go back, or ask a colleague who may do it. An administrator gives roles.",
            )
        raise SeraiError(
            "role-not-allowed",
            MessageText(
                "The roles of this party do not allow '{act_name}'. It is for: {allowed}.",
                act_name=act_name,
                allowed=allowed,
            ),
            "Ask the administration for the role, or use the key of another party.",
        )
    if act.scope not in actor.scopes:
        if actor.member_role is not None:
            raise SeraiError(
                "scope-missing",
                MessageText(
                    "Your part in your organisation, {member_role}, does not allow this.",
                    member_role=actor.member_role,
                ),
                "Ask a manager of your organisation.",
            )
        if act.scope in SESSION_SCOPES:
            raise SeraiError(
                "scope-missing",
                "This is for people who are signed in, in their own organisation; no key may be used for it.",
                "Sign in on the pages with an account of the organisation.",
            )
        raise SeraiError(
            "scope-missing",
            MessageText(
                "This key lacks the scope '{scope}', which '{act_name}' needs.",
                scope=act.scope,
                act_name=act_name,
            ),
            MessageText("Ask for a key with the scope '{scope}'.", scope=act.scope),
        )
