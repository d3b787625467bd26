"""Problem details (RFC 9457): the one table from error code to HTTP status, and the body that tells it."""

from typing import Final, Literal

import msgspec

from serai.foundation.http.problem_texts import text_in
from serai.model.errors import SeraiError
from serai.model.languages import DEFAULT_LANGUAGE

PROBLEM_MEDIA_TYPE: Final = "application/problem+json"


class ProblemKind(msgspec.Struct, frozen=True):
    """A row of the table: HTTP status, a title that never changes, seconds for Retry-After if it applies."""

    status: int
    title: str
    retry_after_s: int | None = None


PROBLEMS: Final[dict[str, ProblemKind]] = {
    # the call
    "agency-faulty": ProblemKind(422, "This agency cannot be registered so"),
    "agency-control-over": ProblemKind(409, "Nothing waits for this agency any more"),
    "agency-silent-too-long": ProblemKind(409, "The agency was silent too long"),
    "agency-decides": ProblemKind(409, "An agency has not decided yet"),
    "requirement-faulty": ProblemKind(422, "The requirement cannot be changed so"),
    "requirements-unreadable": ProblemKind(500, "What agencies ask for cannot be read"),
    "remit-taken": ProblemKind(409, "Another agency keeps these permits"),
    "permit-faulty": ProblemKind(422, "This permit is not as it should be"),
    "permit-unreadable": ProblemKind(422, "This permit cannot be read"),
    "permit-signature-unknown": ProblemKind(422, "No agency here has signed this permit"),
    "permit-for-another-administration": ProblemKind(422, "This permit is for another administration"),
    "permit-not-needed": ProblemKind(409, "These goods need no such permit"),
    "permit-presented-late": ProblemKind(409, "These goods are released or withdrawn"),
    "permit-unknown": ProblemKind(409, "The agency has no such permit"),
    "permit-of-another-agency": ProblemKind(409, "This permit is of another agency"),
    "permit-revoked": ProblemKind(409, "This permit was revoked"),
    "permit-not-in-force": ProblemKind(409, "This permit is not in force"),
    "permit-other-goods": ProblemKind(409, "This permit is for other goods"),
    "permit-other-territory": ProblemKind(409, "This permit is for another country"),
    "permit-other-holder": ProblemKind(409, "This permit is for somebody else"),
    "permit-other-measure": ProblemKind(409, "This permit counts in another unit or currency"),
    "permit-exhausted": ProblemKind(409, "Too little is left of this permit"),
    "body-not-readable": ProblemKind(400, "The body cannot be read"),
    "body-cut-off": ProblemKind(400, "The body ended too early"),
    "upload-unreadable": ProblemKind(400, "The file was not sent with the page"),
    "form-token-missing": ProblemKind(403, "The form has expired"),
    "input-faulty": ProblemKind(400, "Something in the request is wrong"),
    "body-faulty": ProblemKind(422, "The body has faults"),
    "key-unknown": ProblemKind(401, "This key is not known"),
    "key-expired": ProblemKind(401, "This key has expired"),
    "key-revoked": ProblemKind(401, "This key was revoked"),
    "key-malformed": ProblemKind(401, "This does not look like a key"),
    "token-unknown": ProblemKind(401, "This token is not known"),
    "token-expired": ProblemKind(401, "This token has expired"),
    "client-refused": ProblemKind(401, "This client is not known by what it signs"),
    "jwk-unfit": ProblemKind(422, "This key cannot be registered"),
    "sign-in-needed": ProblemKind(401, "Sign in or send a key"),
    "sign-in-failed": ProblemKind(401, "Name and password do not fit together"),
    "sign-in-locked": ProblemKind(429, "Too many tries to sign in", retry_after_s=60),
    "second-factor-wrong": ProblemKind(401, "This is not the code of this moment"),
    "passkey-unfit": ProblemKind(401, "This passkey does not open this"),
    "passkey-known": ProblemKind(409, "This passkey is registered already"),
    "passkeys-too-many": ProblemKind(409, "The account has too many passkeys"),
    "second-factor-not-awaited": ProblemKind(409, "No code is awaited"),
    "link-used-or-expired": ProblemKind(410, "This link was used or has expired"),
    "country-unknown": ProblemKind(422, "There is no such country"),
    "email-unfit": ProblemKind(422, "No e-mail address that can be written to"),
    "registration-closed": ProblemKind(403, "Nobody registers an organisation here"),
    "account-of-party": ProblemKind(409, "This account is of a person of a party"),
    "member-unknown": ProblemKind(404, "There is no such person in this organisation"),
    "member-known": ProblemKind(409, "This person belongs to the organisation already"),
    "members-too-many": ProblemKind(409, "The organisation has too many people"),
    "last-manager": ProblemKind(409, "An organisation keeps one manager"),
    "party-has-power": ProblemKind(403, "The administration makes the keys of this party"),
    "risk-lines": ProblemKind(422, "A line is no examined declaration"),
    "risk-rule-faulty": ProblemKind(422, "The risk rule is faulty"),
    "risk-rule-too-costly": ProblemKind(422, "The risk rule would take too long"),
    "risk-rules-too-many": ProblemKind(409, "There are too many risk rules"),
    "risk-rules-unreadable": ProblemKind(500, "The risk rules cannot be read"),
    "role-not-allowed": ProblemKind(403, "This role may not do that"),
    "person-needed": ProblemKind(403, "This needs a person who is known"),
    "own-proposal": ProblemKind(403, "Nobody approves an own proposal"),
    "proposal-decided": ProblemKind(409, "The proposal was decided before"),
    "proposal-expired": ProblemKind(409, "The proposal was not decided in time"),
    "proposal-changed": ProblemKind(409, "The proposal is not what was read"),
    "proposer-not-entitled": ProblemKind(409, "Whoever proposed this may not do it any more"),
    "scope-missing": ProblemKind(403, "This key may not be used for that"),
    "not-found": ProblemKind(404, "There is nothing here"),
    "parcel-unknown": ProblemKind(404, "No parcel fits this number and postcode"),
    "tries-spent": ProblemKind(429, "Too many tries", retry_after_s=60),
    "form-incomplete": ProblemKind(422, "Something is missing in the form"),
    "buyer-code-wrong": ProblemKind(401, "This is not the code"),
    "code-needed": ProblemKind(403, "This needs a one-time code"),
    "contact-missing": ProblemKind(409, "There is no contact to send a code to"),
    "contact-unfit": ProblemKind(422, "This is no e-mail address"),
    "request-answered-already": ProblemKind(409, "The buyer was answered before"),
    "proof-too-large": ProblemKind(413, "The proof is too large"),
    "picture-too-large": ProblemKind(413, "The picture is too large"),
    "picture-unfit": ProblemKind(415, "This is no picture"),
    "second-examination-asked": ProblemKind(409, "A second examination was asked for before"),
    "second-examination-not-granted": ProblemKind(409, "No second examination was granted"),
    "proof-unfit": ProblemKind(415, "This is no picture and no plain PDF"),
    "buyer-session-ended": ProblemKind(401, "Type number and postcode again"),
    "screening-result-unknown": ProblemKind(422, "This is not a result of a screening"),
    "screening-not-asked-for": ProblemKind(409, "No screening is awaited"),
    "standard-unknown": ProblemKind(404, "This standard is not supported here"),
    "csv-cannot-hold": ProblemKind(500, "The document does not fit into a CSV file"),
    "detail-format-unknown": ProblemKind(500, "A stored record has a format unknown to this version"),
    "ceb-cannot-hold": ProblemKind(500, "The answer does not fit into a CEB message"),
    "upu-cannot-hold": ProblemKind(500, "The answer does not fit into a message of the UPU"),
    "iso20022-cannot-hold": ProblemKind(500, "This does not fit into a bank message"),
    "no-creditor-reference": ProblemKind(422, "No creditor reference can be made of this"),
    "token-too-long": ProblemKind(422, "The consignment has too many goods items for one token"),
    "token-no-code": ProblemKind(422, "The token does not fit into a QR code"),
    "no-epc-code": ProblemKind(422, "No QR code can be made for this payment"),
    "description-weights": ProblemKind(500, "The words of descriptions cannot be read"),
    "goods-kinds-table": ProblemKind(500, "The table of kinds of goods cannot be read"),
    "pre-loading-table": ProblemKind(500, "The table of rules before loading cannot be read"),
    "kind-unknown": ProblemKind(400, "No such kind of document"),
    "standard-edition-unknown": ProblemKind(400, "The standard has no such edition"),
    "law-unknown": ProblemKind(404, "This law is not known here"),
    "territory-unknown": ProblemKind(500, "The law names a territory that no table knows"),
    "method-not-allowed": ProblemKind(405, "This method is not allowed at this address"),
    "not-acceptable": ProblemKind(406, "None of the answer formats you accept"),
    "body-too-large": ProblemKind(413, "The body is too large"),
    "head-too-large": ProblemKind(431, "Address and headers are too large"),
    "line-too-long": ProblemKind(413, "A line is too long"),
    "body-packed": ProblemKind(415, "Compressed files are not accepted"),
    "content-type-unsupported": ProblemKind(415, "This content type is not read here"),
    "content-encoding-unsupported": ProblemKind(415, "This content encoding is not read here"),
    "rate-limited": ProblemKind(429, "Too many requests", retry_after_s=1),
    "id-mistyped": ProblemKind(400, "This number has a typing error"),
    "bad-instant": ProblemKind(400, "Invalid date and time"),
    "retention-under-way": ProblemKind(409, "What is kept no longer is just being taken away"),
    "reference-ambiguous": ProblemKind(409, "Several parties used this reference"),
    "events-need-party": ProblemKind(400, "Events are told to a party"),
    "vault-purpose-missing": ProblemKind(400, "People are read for a purpose only"),
    "acting-person-missing": ProblemKind(400, "Nobody stands behind the key"),
    "replay-impossible": ProblemKind(409, "This cannot be worked out again"),
    # webhooks
    "webhook-exists": ProblemKind(409, "The party has a webhook of this reference"),
    "webhook-unknown": ProblemKind(404, "The party has no such webhook"),
    "webhooks-too-many": ProblemKind(409, "The party has as many webhooks as it may have"),
    "webhook-host-unknown": ProblemKind(422, "The host of a webhook has no address"),
    "webhook-host-private": ProblemKind(422, "The host of a webhook is not on the public network"),
    "sealed-secret-damaged": ProblemKind(500, "A sealed secret does not open"),
    # visibility events
    "epcis-not-valid": ProblemKind(400, "The message has faults"),
    "epcis-too-many-events": ProblemKind(413, "The message has too many events"),
    "epcis-query-not-valid": ProblemKind(400, "The query has a parameter that cannot be used"),
    "epcis-query-exists": ProblemKind(409, "There is a query of this name"),
    "epcis-query-too-large": ProblemKind(413, "The query finds too many events"),
    # documents and acts
    "mark-faulty": ProblemKind(422, "A payment record is not as it should be"),
    "payment-record-not-authorised": ProblemKind(403, "This debt is not yours to settle"),
    "measure-faulty": ProblemKind(422, "A measure is not as it should be"),
    "measure-not-allowed": ProblemKind(409, "The goods are not in a state for this measure"),
    "reason-not-allowed": ProblemKind(422, "The measure is not taken for this reason"),
    "consignment-not-named": ProblemKind(422, "The case has several declarations, and none was named"),
    "appeal-too-late": ProblemKind(409, "The period for an appeal has ended"),
    "appeal-open": ProblemKind(409, "An appeal about the same is open"),
    "appeal-decided": ProblemKind(409, "This appeal was decided"),
    "appeal-own-measure": ProblemKind(403, "This appeal is against a measure of your own"),
    "appeal-side-not-heard": ProblemKind(409, "One side of the appeal was not heard"),
    "effect-suspended": ProblemKind(409, "The effect of an earlier decision is suspended"),
    "hearing-needed": ProblemKind(409, "Whom this reaches must be heard first"),
    "hearing-not-ended": ProblemKind(409, "The hearing has not ended"),
    "hearing-differs": ProblemKind(409, "The hearing was about another measure"),
    "hearing-decided": ProblemKind(409, "The measure of this hearing was taken"),
    "exception-not-known": ProblemKind(422, "The law names no such exception from a hearing"),
    "answer-not-addressed": ProblemKind(422, "The measure does not say why"),
    "second-person-needed": ProblemKind(403, "This measure is taken by two persons"),
    "question-answered-already": ProblemKind(409, "This question was answered before"),
    "amendment-not-by-form": ProblemKind(409, "This declaration says more than the form asks"),
    "pictures-too-many": ProblemKind(409, "There are as many pictures as there can be"),
    "postal-form-incomplete": ProblemKind(422, "The paper for the post cannot be made"),
    "act-not-reversible": ProblemKind(422, "This act is not taken back by another"),
    "act-reversed-already": ProblemKind(409, "This act was taken back before"),
    "in-hands-already": ProblemKind(409, "The case is in these hands already"),
    "not-in-hands": ProblemKind(409, "Nobody has this case in hand"),
    "task-in-other-hands": ProblemKind(409, "Another officer has this case in hand"),
    "bulk-not-allowed": ProblemKind(422, "This measure is taken case by case"),
    "bulk-too-many": ProblemKind(422, "These are too many cases at once"),
    "bulk-facts-missing": ProblemKind(422, "The facts of each case are not stated"),
    "bulk-reason-differs": ProblemKind(409, "These cases do not have the same open reason"),
    "bulk-sample-not-opened": ProblemKind(409, "The sample was not opened"),
    "bulk-too-old": ProblemKind(409, "The sample was drawn too long ago"),
    "unit-order-stands": ProblemKind(409, "The same was ordered of this unit before"),
    "unit-not-held": ProblemKind(409, "Nothing stands on this unit"),
    "transport-unit-held": ProblemKind(409, "The goods lie in a unit that is held"),
    "decision-not-current": ProblemKind(409, "The decision this was meant for does not stand any more"),
    "account-not-set": ProblemKind(409, "No bank account is set"),
    "statement-unreadable": ProblemKind(400, "This is no bank statement that can be read"),
    "statement-period-faulty": ProblemKind(422, "There is no statement of such a period"),
    "statement-of-whom": ProblemKind(422, "Whose statement is not said"),
    "pdf-not-installed": ProblemKind(501, "This node makes no PDF"),
    "pdf-font-missing": ProblemKind(501, "This node has no font for this language"),
    "statement-of-another-account": ProblemKind(422, "The statement is of another account"),
    "refund-exceeds-due": ProblemKind(409, "Less is due back than was to be ordered"),
    "refund-order-sent": ProblemKind(409, "The order went to the bank"),
    "refund-batch-unknown": ProblemKind(422, "The report is of no batch of ours"),
    "refund-status-unreadable": ProblemKind(400, "This is no report of a bank that can be read"),
    "refund-account-faulty": ProblemKind(422, "This is no bank account"),
    "refund-account-erased": ProblemKind(409, "The account of a payee was erased"),
    "repayment-faulty": ProblemKind(422, "The application is not as it should be"),
    "repayment-too-late": ProblemKind(422, "The time for this application has passed"),
    "repayment-nothing-left": ProblemKind(409, "Nothing is left to be repaid"),
    "repayment-lodged-already": ProblemKind(409, "The application was lodged before"),
    "repayment-decided-already": ProblemKind(409, "The application was decided before"),
    "repayment-rules-unreadable": ProblemKind(500, "The rules of repayment cannot be read"),
    "posting-rules-unreadable": ProblemKind(500, "The rules of posting cannot be read"),
    "guarantee-unknown": ProblemKind(422, "There is no such guarantee"),
    "guarantee-not-in-force": ProblemKind(422, "The guarantee is not in force"),
    "guarantee-currency-differs": ProblemKind(422, "The guarantee is in another currency"),
    "guarantee-exhausted": ProblemKind(409, "Not enough of the guarantee is left"),
    "history-of-another": ProblemKind(409, "The history is another administration's"),
    "history-file-changed": ProblemKind(409, "A file of the history was changed"),
    "payable-rules-unreadable": ProblemKind(500, "The rules of amounts payable cannot be read"),
    "token-keys-unreadable": ProblemKind(422, "The file of keys cannot be used"),
    "repayment-plan-faulty": ProblemKind(422, "This is no repayment plan"),
    "repayment-plan-not-tied-out": ProblemKind(409, "History and ledger differ"),
    "repayment-plan-not-approved": ProblemKind(409, "The repayment plan waits for a second person"),
    "repayment-plan-changed": ProblemKind(409, "This is not the repayment plan that was approved"),
    "repayment-plan-outdated": ProblemKind(409, "Something changed since the repayment plan was made"),
    "repayment-plan-unfinished": ProblemKind(409, "Another repayment plan is being carried out"),
    "guarantee-faulty": ProblemKind(422, "This is no guarantee"),
    "movement-matched-already": ProblemKind(409, "The movement was booked before"),
    "movement-not-a-payment": ProblemKind(422, "The movement is no payment for a case"),
    "security-amount-unknown": ProblemKind(422, "The highest amount that is possible is not known"),
    "security-exceeded": ProblemKind(422, "More is called or freed than can be"),
    "payment-account-unknown": ProblemKind(422, "There is no such payment account"),
    "payment-account-closed": ProblemKind(422, "Nothing can be put on the payment account"),
    "payment-account-currency-differs": ProblemKind(422, "The payment account is in another currency"),
    "payment-account-exhausted": ProblemKind(409, "Not enough is left on the payment account"),
    "payment-account-faulty": ProblemKind(422, "This is no payment account"),
    "bearing-exceeds-payment": ProblemKind(422, "More is said to be passed on than was paid"),
    "token-issuer-faulty": ProblemKind(422, "This is no key of an issuer"),
    "tokens-from-past": ProblemKind(422, "The day is past"),
    "status-list-unreadable": ProblemKind(422, "This is no status list"),
    "status-list-untrusted": ProblemKind(422, "No key that is believed has signed this status list"),
    "status-list-older": ProblemKind(409, "A newer status list is kept"),
    "tax-not-paid": ProblemKind(409, "Duty and tax were not paid"),
    "proof-revoked": ProblemKind(409, "The proof was revoked, for ever"),
    "mark-currency-differs": ProblemKind(422, "A payment record is in another currency than the debt"),
    "document-faulty": ProblemKind(422, "The document has faults"),
    "list-source-faulty": ProblemKind(422, "This is no source of lists"),
    "list-unsigned": ProblemKind(422, "The list is not signed by the key of its source"),
    "list-older": ProblemKind(409, "A newer list was taken"),
    "list-signed-later": ProblemKind(422, "The list was signed later than now"),
    "list-shrinks": ProblemKind(409, "The list has far fewer entries than the one in force"),
    "listed-name-gone": ProblemKind(409, "This name does not stand against this entry"),
    "name-verdict-unknown": ProblemKind(422, "No such verdict on a listed name"),
    "split-group-decided": ProblemKind(409, "This group was decided before"),
    "review-answered-already": ProblemKind(409, "This request was answered before"),
    "review-not-due": ProblemKind(409, "There is no refusal to review"),
    "reference-reused": ProblemKind(409, "This reference was used before"),
    "version-not-current": ProblemKind(409, "The version named is not the newest"),
    "amends-nothing": ProblemKind(409, "There is nothing to amend"),
    "amendment-too-late": ProblemKind(409, "The goods were released, or an officer has them"),
    "arrived-already": ProblemKind(409, "This arrived at another time already"),
    "withdrawn": ProblemKind(409, "The document was withdrawn"),
    "return-unknown-declaration": ProblemKind(409, "A return names a declaration that is not known"),
    "double-charge-unproven": ProblemKind(409, "The documents do not show a double charge"),
    "return-of-several-declarations": ProblemKind(409, "A return may be of several declarations"),
    "return-before-release": ProblemKind(409, "A return names goods that were not released"),
    "message-erased": ProblemKind(410, "The document was erased"),
    "tile-path-unreadable": ProblemKind(400, "This is not the path of a tile"),
    "sizes-not-in-order": ProblemKind(400, "The sizes are not in order"),
    "tile-missing": ProblemKind(404, "The log does not hold this tile"),
    "scorecard-unknown": ProblemKind(404, "There is no such scorecard"),
    "dispute-days-wrong": ProblemKind(400, "The days of a dispute are not in order"),
    "dispute-answered": ProblemKind(409, "The dispute was answered before"),
    # law packs
    "list-file": ProblemKind(422, "A list has a line that cannot be read"),
    "list-format-unknown": ProblemKind(422, "A list of denied parties is in no form that is known"),
    "list-file-empty": ProblemKind(422, "A list holds nothing"),
    "list-file-unknown": ProblemKind(422, "A file does not say which list it is"),
    "risk-model-unreadable": ProblemKind(422, "A file is no risk model, or not as it was written"),
    "risk-model-other-features": ProblemKind(422, "A risk model is of other features than this version has"),
    "risk-model-refused": ProblemKind(
        422, "A risk model could not be read within its limits, or scores otherwise"
    ),
    "risk-model-unsigned": ProblemKind(422, "A risk model is not signed by this node"),
    "risk-engine-missing": ProblemKind(501, "Risk models cannot be read on this server"),
    "law-folder-faulty": ProblemKind(422, "A folder of law packs cannot be read whole"),
    "law-faulty": ProblemKind(422, "The law packs have faults"),
    "expression-too-costly": ProblemKind(422, "A law pack has an expression that would take too long"),
    "pack-misplaced": ProblemKind(422, "A law pack stands in a folder that is not its own"),
    "pattern-unfit": ProblemKind(422, "A law pack has a pattern that could run without end"),
    "value-missing": ProblemKind(422, "A law pack has days without a value"),
    "archive-faulty": ProblemKind(422, "The archive cannot be used"),
    "generation-unknown": ProblemKind(404, "There is no such generation of law"),
    "case-file": ProblemKind(422, "A file of worked examples cannot be read"),
    "cyclic-definition": ProblemKind(422, "A law pack defines something by itself"),
    "duplicate-name": ProblemKind(422, "A law pack uses a name twice"),
    "expression-syntax": ProblemKind(422, "A law pack has an expression that cannot be read"),
    "mixed-currency": ProblemKind(422, "A law pack compares money of two currencies"),
    "out-of-range": ProblemKind(422, "A law pack has a value out of range"),
    "overlap": ProblemKind(422, "A law pack has two versions for one day"),
    "pack-shape": ProblemKind(422, "A law pack has a value of the wrong kind, or an unknown one"),
    "pack-syntax": ProblemKind(422, "A law pack is not YAML as it should be"),
    "pack-too-large": ProblemKind(422, "A law pack is too large"),
    "table-shape": ProblemKind(422, "A table has a row that cannot be read"),
    "too-many-rules": ProblemKind(422, "A law pack has too many rules"),
    "unknown-name": ProblemKind(422, "A law pack uses an unknown name"),
    "unknown-source": ProblemKind(422, "A law pack names an unknown source"),
    "wrong-dates": ProblemKind(422, "A law pack has dates that do not follow each other"),
    "wrong-level": ProblemKind(422, "A law pack uses something at the wrong level"),
    "wrong-type": ProblemKind(422, "A law pack compares things of different types"),
    # parties, keys, passwords
    "party-unknown": ProblemKind(404, "There is no such party"),
    "key-not-there": ProblemKind(404, "The party has no such key"),
    "identifier-taken": ProblemKind(409, "Another party has this identifier"),
    "grantee-unknown": ProblemKind(422, "No party is registered under this identifier"),
    "mandate-faulty": ProblemKind(422, "This mandate cannot be granted"),
    "mandate-of-another": ProblemKind(403, "This mandate is another party's to revoke"),
    "recordal-faulty": ProblemKind(422, "This recordal is not as it should be"),
    "recordal-decided": ProblemKind(409, "This recordal was decided or ended before"),
    "recordal-pictures-full": ProblemKind(409, "This recordal has as many pictures as it may have"),
    "recordals-too-many": ProblemKind(409, "There are too many recordals in force"),
    "word-marks-unreadable": ProblemKind(500, "The word marks in force cannot be read"),
    "recordal-not-in-force": ProblemKind(409, "This recordal is not in force"),
    "rights-detention-open": ProblemKind(409, "These goods are detained for a right already"),
    "rights-detention-ended": ProblemKind(409, "This detention has ended"),
    "rights-answered": ProblemKind(409, "This was answered before"),
    "rights-not-extendable": ProblemKind(409, "The time to answer cannot be made longer"),
    "rights-extension-asked": ProblemKind(409, "This was asked for before"),
    "rights-extension-not-asked": ProblemKind(409, "Nobody has asked for more time"),
    "rights-not-baseless": ProblemKind(409, "This detention does not count as baseless"),
    "rights-not-disputed": ProblemKind(409, "Nobody disputes this detention"),
    "rights-use-not-lawful": ProblemKind(422, "Names are not given for this use"),
    "rights-names-withheld": ProblemKind(409, "Names are not given yet"),
    "recall-suspends-nothing": ProblemKind(422, "The recall can suspend nothing"),
    "recall-ground-unknown": ProblemKind(422, "There is no such ground for a recall"),
    "take-down-answered": ProblemKind(409, "This was answered before"),
    "recall-rule-too-wide": ProblemKind(422, "The rule of the recall names no goods"),
    "recall-not-counted": ProblemKind(409, "The recall is being counted"),
    "recall-count-differs": ProblemKind(409, "The recall finds another number"),
    "recall-too-wide": ProblemKind(409, "The recall finds too much"),
    "key-exists": ProblemKind(409, "The party has a key of this reference"),
    "role-unknown": ProblemKind(400, "There is no such role"),
    "scope-unknown": ProblemKind(400, "There is no such scope"),
    "password-unfit": ProblemKind(400, "This password will not do"),
    "oidc-unreachable": ProblemKind(503, "The provider of identities does not answer"),
    "oidc-answer-unfit": ProblemKind(401, "The answer of the provider of identities does not hold"),
    "oidc-refused": ProblemKind(401, "The provider of identities lets nobody in by this"),
    "oidc-attempt-unknown": ProblemKind(401, "Nobody was sent to this provider from this browser"),
    "oidc-unlinked": ProblemKind(401, "No account is linked with this person of the provider"),
    "identity-taken": ProblemKind(409, "Another account is this subject of the provider"),
    "account-locked": ProblemKind(401, "The account is locked"),
    "account-own": ProblemKind(409, "This is your own account"),
    "account-last": ProblemKind(409, "The last administrator stays"),
    "account-exists": ProblemKind(409, "There is such an account already"),
    "account-unknown": ProblemKind(404, "There is no such account"),
    "sign-in-name-missing": ProblemKind(400, "The name to sign in with is missing"),
    "administration-unknown": ProblemKind(404, "There is no such administration"),
    "language-unknown": ProblemKind(400, "This language is not supported"),
    # the system
    "database-busy": ProblemKind(503, "The database is busy", retry_after_s=2),
    "database-read-only": ProblemKind(503, "The database takes nothing", retry_after_s=60),
    "partition-missing": ProblemKind(503, "A part of the database is missing", retry_after_s=600),
    "database-unreachable": ProblemKind(503, "The database does not answer", retry_after_s=5),
    "disk-full": ProblemKind(507, "The disk is full"),
    "log-broken": ProblemKind(503, "The log cannot go on", retry_after_s=30),
    "node-lease-ended": ProblemKind(503, "This process has lost its number", retry_after_s=5),
    "no-node-free": ProblemKind(503, "No number is free for this process", retry_after_s=30),
    "busy": ProblemKind(503, "More work than can be taken now", retry_after_s=2),
    "client-gone": ProblemKind(400, "The client went away"),
    "body-holds-nothing": ProblemKind(422, "The body holds no documents"),
    "client-stalled": ProblemKind(408, "The client stands still"),
    "internal-error": ProblemKind(500, "Something broke on our side"),
    "not-ready": ProblemKind(503, "Not ready yet", retry_after_s=5),
    # start-up: seen on the command line; over HTTP only when something goes missing while we run
    "database-cannot-start": ProblemKind(500, "The database cannot start"),
    "database-folder-unreachable": ProblemKind(500, "The database's folder cannot be reached"),
    "key-folder-open": ProblemKind(500, "Others can read the folder of keys"),
    "law-folder-missing": ProblemKind(500, "The folder of law packs is missing"),
    "database-runs": ProblemKind(500, "The database runs"),
    "archive-folder-unreachable": ProblemKind(500, "The database's archive cannot be written"),
    "archive-not-set": ProblemKind(500, "There is no archive of the database"),
    "base-backup-missing": ProblemKind(500, "There is no base backup from before that instant"),
    "traces-not-installed": ProblemKind(500, "What writes traces is not installed"),
    "database-newer": ProblemKind(500, "The database belongs to a newer version"),
    "lost-secret": ProblemKind(500, "A secret is missing"),
    "log-origin-changed": ProblemKind(500, "The log has another name"),
    "log-went-back": ProblemKind(500, "The log is shorter than what it has signed"),
    "reason-missing": ProblemKind(400, "There is no reason"),
    "lost-epoch-keys": ProblemKind(500, "Keys of the vault are missing"),
    "lost-signing-key": ProblemKind(500, "The signing key is missing"),
    "migration-edited": ProblemKind(500, "A migration was changed after it ran"),
    "migration-failed": ProblemKind(500, "A migration failed"),
    "migration-misnamed": ProblemKind(500, "A migration has the wrong name"),
    "migration-out-of-order": ProblemKind(500, "A migration comes too late"),
    "settings-file-missing": ProblemKind(500, "The settings file is missing"),
    "office-date-past": ProblemKind(400, "A customs office cannot begin or end in the past"),
    "offices-unreadable": ProblemKind(500, "The file of customs offices cannot be read"),
    "settings-file-unreadable": ProblemKind(500, "The settings file cannot be read"),
    "unknown-setting": ProblemKind(500, "There is no such setting"),
    "wrong-setting": ProblemKind(500, "A setting has the wrong value"),
}


class InputFault(msgspec.Struct, frozen=True):
    """One thing wrong with the input: a finding (`finding_out.py`) that is always a fault.

    pointer: JSON pointer (RFC 6901) into the body, or `query:NAME`, `header:NAME`, `path:NAME`.
    code: permanent word. sentence: what is wrong. remedy: what would be right.
    """

    pointer: str
    code: str
    sentence: str
    remedy: str = ""
    severity: Literal["fault"] = "fault"


class InputFaultyError(SeraiError):
    """The call's input has faults, all of them listed in `faults`.

    Code: `body-faulty` where a body was read and each fault names a place in it, else `input-faulty`.
    """

    def __init__(self, faults: tuple[InputFault, ...], message: str, next_step: str) -> None:
        is_read = bool(faults) and all(one.pointer.startswith("/") for one in faults)
        super().__init__("body-faulty" if is_read else "input-faulty", message, next_step)
        self.faults = faults


class RetryLaterError(SeraiError):
    """It may work later: `retry_after_s` becomes the Retry-After header."""

    def __init__(self, code: str, message: str, next_step: str, *, retry_after_s: int) -> None:
        super().__init__(code, message, next_step)
        self.retry_after_s = retry_after_s


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of `application/problem+json`; `type` is the address of the code's page on this server."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    next_step: str
    request_id: str = ""
    incident: str = ""
    errors: tuple[InputFault, ...] = ()


def problem_kind(code: str) -> ProblemKind:
    """Return the row of `code`; a code without a row is answered as 500 (a test finds it before)."""
    return PROBLEMS.get(code, PROBLEMS["internal-error"])


def problem_of(error: SeraiError, request_id: str, language: str = DEFAULT_LANGUAGE) -> Problem:
    """Make the answer's body from an error, in a language."""
    kind = problem_kind(error.code)
    message, next_step = error.texts
    return Problem(
        type=f"/problems/{error.code}",
        title=text_in(kind.title, language),
        status=kind.status,
        detail=text_in(message, language),
        code=error.code,
        next_step=text_in(next_step, language),
        request_id=request_id,
        incident=getattr(error, "incident", ""),
        errors=tuple(_fault_in(one, language) for one in error.faults)
        if isinstance(error, InputFaultyError)
        else (),
    )


def _fault_in(fault: InputFault, language: str) -> InputFault:
    return msgspec.structs.replace(
        fault, sentence=text_in(fault.sentence, language), remedy=text_in(fault.remedy, language)
    )


def retry_after_s(error: SeraiError) -> int | None:
    """Seconds for the Retry-After header, or None where waiting does not help."""
    return (
        error.retry_after_s if isinstance(error, RetryLaterError) else problem_kind(error.code).retry_after_s
    )
