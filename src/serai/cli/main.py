"""The command `serai`: nouns, then verbs. Each command's module is imported only when it is called."""

import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

from cyclopts import App, CycloptsError, Group

from serai.cli.output import Output, print_error
from serai.model.errors import SeraiError

EXIT_ERROR = 2
EXIT_INTERRUPTED = 130

app = App(
    name="serai",
    help="An open single window for cross-border e-commerce: parcels in, explained, provable decisions out.",
    help_epilogue="Exit code: 0 fine, 1 findings or failures, 2 error, 130 interrupted.",
    version=lambda: version("serai"),
    suppress_keyboard_interrupt=False,
)
FILES = Group("Files, without a server or a database", sort_key=1)
NODE = Group("A node: try it, run it, look after it", sort_key=2)
LAW = Group("Law, tariffs and lists", sort_key=3)
PEOPLE = Group("Parties and those who sign in", sort_key=4)
CASES = Group("Cases and what is kept of them", sort_key=5)
EVIDENCE = Group("Evidence", sort_key=6)

app.command(
    "serai.cli.decide:decide",
    name="decide",
    help="Decide the consignments of a file, without a database.",
    group=FILES,
)
app.command(
    "serai.cli.check:check",
    name="check",
    help="Say everything that is wrong with the messages of a file.",
    group=FILES,
)
app.command(
    "serai.cli.quality:quality",
    name="quality",
    help="Score the data quality of a file's declarations.",
    group=FILES,
)
app.command(
    "serai.cli.describe:describe",
    name="describe",
    help="Are goods descriptions vague, which words would do, which code do they mean?",
    group=FILES,
)
app.command(
    "serai.cli.screen:screen",
    name="screen",
    help="Who of a file is on lists of denied parties, in any spelling?",
    group=FILES,
)
app.command(
    "serai.cli.convert:convert",
    name="convert",
    help="Convert messages of one form or standard into those of another.",
    group=FILES,
)
app.command(
    "serai.cli.conform:conform",
    name="conform",
    help="Run the public suite against a server, or check messages, by standard and rule.",
    group=FILES,
)
app.command(
    "serai.cli.quote:quote",
    name="quote",
    help="What would baskets cost at many destinations? Of a file.",
    group=FILES,
)
app.command(
    "serai.cli.explain:explain", name="explain", help="Explain how duty and tax come about.", group=FILES
)
app.command("serai.cli.verify:verify", name="verify", help="Check a receipt offline.", group=FILES)
token = App(name="token", help="Tax-paid tokens: was tax paid for these goods, and once?", group=FILES)
token.command("serai.cli.token_verify:verify", name="verify", help="Check tax-paid tokens offline.")
app.command(token)
app.command(
    "serai.cli.settings:settings",
    name="settings",
    help="List every setting, its value and where it came from.",
    group=NODE,
)
app.command(
    "serai.cli.migrate:migrate",
    name="migrate",
    help="Bring the database to the shape this version needs.",
    group=NODE,
)
app.command(
    "serai.cli.doctor:doctor",
    name="doctor",
    help="Look at settings, keys, disk, database, log, server; say what to do.",
    group=NODE,
)
app.command(
    "serai.cli.serve:serve", name="serve", help="Serve the API and the pages until Ctrl-C.", group=NODE
)
app.command(
    "serai.cli.demo:demo",
    name="demo",
    help="Start everything, send generated parcels, show the decisions and a page.",
    group=NODE,
)
app.command(
    "serai.cli.drop_folder:drop_folder",
    name="drop-folder",
    help="Send what is put into a folder, and put the answers next to it.",
    group=NODE,
)
app.command(
    "serai.cli.history:history",
    name="history",
    help="Write closed hours to Parquet, without people; statistics over them.",
    group=CASES,
)
app.command(
    "serai.cli.bench:bench",
    name="bench",
    help="Measure the main job against the floor, in one run.",
    group=NODE,
)

app.command(
    "serai.cli.completion:completion",
    name="completion",
    help="Print what lets a shell complete the words of `serai`.",
    group=NODE,
)

law = App(name="law", help="Law packs: write, check, test, hold side by side, put in force.", group=LAW)
law.command("serai.cli.law_list:list_packs", name="list", help="List the law packs.")
law.command(
    "serai.cli.law_check:check",
    name="check",
    help="Load and compile every pack; say what is wrong and where.",
)
law.command(
    "serai.cli.law_show:show", name="show", help="Show one pack: parameters, charges, rules, sources."
)
law.command("serai.cli.law_test:run_cases", name="test", help="Run worked examples and compare every figure.")
law.command(
    "serai.cli.law_mutate:mutate",
    name="mutate",
    help="Change the law a little: do the worked examples notice?",
)
law.command(
    "serai.cli.law_coverage:coverage",
    name="coverage",
    help="Which rules did the worked examples reach, and which not?",
)
law.command(
    "serai.cli.law_compare:compare",
    name="compare",
    help="Send the same parcels under many laws, side by side.",
)
law.command(
    "serai.cli.law_try:try_law",
    name="try",
    help="Try a draft law on stored parcels: revenue, lanes, who pays more.",
)
law.command(
    "serai.cli.law_columns:columns",
    name="columns",
    help="Keep parcels as columns (Parquet), without people.",
)
law.command(
    "serai.cli.law_oracle:oracle",
    name="oracle",
    help="Hold our tax lines against those of published customs scenarios.",
)
law.command("serai.cli.law_diff:diff", name="diff", help="Say what two packs differ in, in words or as data.")
law.command("serai.cli.law_new:new", name="new", help="Write a pack to begin with, which checks at once.")
law.command(
    "serai.cli.law_load:load", name="load", help="Put the packs of a folder in force, as a new generation."
)
law.command(
    "serai.cli.law_publish:publish",
    name="publish",
    help="Write packs as signed files that other nodes can fetch.",
)
law.command(
    "serai.cli.law_fetch:fetch",
    name="fetch",
    help="Fetch law that another node published: verify, test, put in force.",
)
law.command(
    "serai.cli.law_load:generations", name="generations", help="List what was put in force, and when."
)
app.command(law)

proposal = App(name="proposal", help="What waits for a second person.", group=PEOPLE)
proposal.command(
    "serai.cli.proposal:list_waiting", name="list", help="List what was proposed, and what became of it."
)
app.command(proposal)

party = App(name="party", help="Parties, their identifiers and their keys.", group=PEOPLE)
party.command("serai.cli.party:add", name="add", help="Add a party with its roles.")
party.command(
    "serai.cli.party:add_identifier",
    name="add-identifier",
    help="Register an identifier under which others' documents name a party.",
)
party.command(
    "serai.cli.party:remove_identifier", name="remove-identifier", help="Take an identifier from a party."
)
party.command("serai.cli.party:key", name="key", help="Make a key for a party; it is shown once.")
party.command("serai.cli.party:revoke", name="revoke", help="Revoke a key; it is refused within a second.")
app.command(party)

webhook = App(name="webhook", help="Webhooks: addresses that parties' events are sent to.", group=PEOPLE)
webhook.command("serai.cli.webhook:add", name="add", help="Register an address; its secret is shown once.")
webhook.command("serai.cli.webhook:list_webhooks", name="list", help="List the webhooks of all parties.")
webhook.command("serai.cli.webhook:tries", name="tries", help="List the tries to tell events.")
webhook.command("serai.cli.webhook:replay", name="replay", help="Tell events again from a cursor.")
webhook.command("serai.cli.webhook:remove", name="remove", help="Remove a webhook.")
app.command(webhook)

account = App(
    name="account", help="Accounts of people for the pages: add, link, list, change, end.", group=PEOPLE
)
account.command(
    "serai.cli.account:add",
    name="add",
    help="Add an account; its password is asked for, or the first line of the standard input.",
)
account.command(
    "serai.cli.account:link", name="link", help="Make a link that signs an account in once; it is shown once."
)
account.command("serai.cli.account:list_accounts", name="list", help="List the accounts.")
account.command(
    "serai.cli.account:password", name="password", help="Change a password; open pages end at once."
)
account.command(
    "serai.cli.account:roles", name="roles", help="Give an account other roles; open pages end at once."
)
account.command(
    "serai.cli.account:second_factor",
    name="second-factor",
    help="Let an account set up another authenticator app.",
)
account.command("serai.cli.account:end", name="end", help="End an account; it is refused at once.")
app.command(account)

person = App(name="person", help="People in the vault: list, ledger, erase, mend.", group=CASES)
person.command("serai.cli.person:list_persons", name="list", help="List the persons of a case, unnamed.")
person.command("serai.cli.person:ledger", name="ledger", help="List who opened a person's fields, and why.")
person.command("serai.cli.person:erase_person", name="erase", help="Erase a person's fields for good.")
person.command("serai.cli.person:list_restricted", name="restricted", help="List who waits for erasure.")
person.command("serai.cli.person:mend", name="mend", help="After a restore: erase again what was erased.")
app.command(person)

ledger = App(name="ledger", help="The ledger of duties and taxes: balances, journal, check.", group=CASES)
ledger.command("serai.cli.ledger:balance", name="balance", help="Say what stands on each account.")
ledger.command("serai.cli.ledger:export", name="export", help="Write the journal, for tools of accountants.")
ledger.command(
    "serai.cli.ledger:check", name="check", help="Hold the ledger against the charges of all consignments."
)
app.command(ledger)
app.command(
    "serai.cli.repay:repay",
    name="repay",
    help="Repay a charge that was annulled: plan it, carry it out, list plans.",
    group=CASES,
)

payment = App(name="payment", help="Payments of what is owed.", group=CASES)
payment.command(
    "serai.cli.payment:import_file", name="import", help="Book a bank statement to the cases that it pays."
)
payment.command("serai.cli.refunds:refund", name="refund", help="Order back what is due to whoever paid.")
payment.command("serai.cli.refunds:orders", name="orders", help="List refund orders and how they stand.")
payment.command("serai.cli.refunds:send", name="send", help="Send refund orders to the bank.")
payment.command("serai.cli.refunds:answer", name="answer", help="Take what the bank says of a batch.")
app.command(payment)

log = App(name="log", help="The evidence log: verify, audit, publish, prove, recover.", group=EVIDENCE)
log.command("serai.cli.log:verify", name="verify", help="Recompute the whole log, and compare.")
log.command("serai.cli.log:audit", name="audit", help="Audit somebody's log: a folder, or an address.")
log.command("serai.cli.log:publish", name="publish", help="Write the log as static files.")
log.command("serai.cli.log:prove", name="prove", help="Prove that the log grew from an earlier size.")
log.command("serai.cli.log:key", name="key", help="Print the log's public key.")
log.command("serai.cli.log:recover", name="recover", help="Go on after a restore that lost some of it.")
app.command(log)

backup = App(name="backup", help="The embedded database: base backups, going back to an instant.", group=NODE)
backup.command(
    "serai.cli.backup:take", name="take", help="Copy the database while it runs, and check the copy."
)
backup.command("serai.cli.backup:list_backups", name="list", help="List the base backups.")
backup.command("serai.cli.backup:restore", name="restore", help="Put the database back to an instant.")
app.command(backup)

witness = App(name="witness", help="A witness of other people's logs: make, trust, serve.", group=EVIDENCE)
witness.command("serai.cli.witness:init", name="init", help="Make a witness; its public key is printed.")
witness.command("serai.cli.witness:trust", name="trust", help="Sign checkpoints of a log from now on.")
witness.command("serai.cli.witness:serve", name="serve", help="Sign what logs send, until Ctrl-C.")
app.command(witness)

hold = App(name="hold", help="Cases that an appeal, an enquiry, a court or a debt keeps.", group=CASES)
hold.command("serai.cli.hold:add", name="add", help="Hold a case.")
hold.command("serai.cli.hold:lift", name="lift", help="Lift a hold.")
hold.command("serai.cli.hold:list_holds", name="list", help="List holds.")
app.command(hold)

retention = App(name="retention", help="What is kept no longer: let it go, list what went.", group=CASES)
retention.command("serai.cli.retention:run", name="run", help="Let go what is kept no longer.")
retention.command("serai.cli.retention:list_done", name="list", help="List what went, and how much.")
app.command(retention)

recall = App(name="recall", help="Recalls: goods that are looked for in what is in flight.", group=CASES)
recall.command("serai.cli.recall:declare", name="declare", help="Recall goods, and count what is in flight.")
recall.command("serai.cli.recall:list_recalls", name="list", help="List recalls and what they find.")
recall.command("serai.cli.recall:confirm", name="confirm", help="Let what a recall finds become tasks.")
recall.command("serai.cli.recall:end", name="end", help="Look no more for what a recall asks for.")
app.command(recall)

risk = App(name="risk", help="The learned risk model: train, evaluate, refresh, sign.", group=LAW)
risk.command(
    "serai.cli.risk:outcomes", name="outcomes", help="Write stored declarations with what examinations found."
)
risk.command("serai.cli.risk:train", name="train", help="Train a risk model on examined goods.")
risk.command(
    "serai.cli.risk:evaluate", name="evaluate", help="Say how well a risk model ranks examined goods."
)
risk.command(
    "serai.cli.risk:refresh", name="refresh", help="Make a model's history of sellers and declarants anew."
)
risk.command("serai.cli.risk:sign", name="sign", help="Sign a risk model with this node's key.")
app.command(risk)

lists = App(name="list", help="Lists that screening and assessment use.", group=LAW)
lists.command("serai.cli.lists:check", name="check", help="Read a list's file and say what it holds.")
lists.command(
    "serai.cli.list_import:import_file", name="import", help="Put a list in force, as a new generation."
)
app.command(lists)

tariff = App(name="tariff", help="Tariffs of packs.", group=LAW)
tariff.command(
    "serai.cli.tariff_import:import_tariff", name="import", help="Read a tariff file into a pack, row by row."
)
tariff.command(
    "serai.cli.tariff_correlate:correlate",
    name="correlate",
    help="Move a pack's tariff and code lists to the next edition of the Harmonized System.",
)
app.command(tariff)


def main() -> None:
    """Run the command that the shell typed and leave with its exit code."""
    # Where Python runs unbuffered, it writes as much as a pipe takes and drops the rest without a word.
    sys.stdout = open(sys.stdout.fileno(), "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - for good
    sys.exit(run(sys.argv[1:]))


def run(words: Sequence[str]) -> int:
    """Run a command; return its exit code. Nothing but that code and what is printed comes out."""
    try:
        code = app(words, exit_on_error=False, print_error=False, result_action="return_value")
        sys.stdout.flush()
    except CycloptsError as fault:
        print_error(_misuse(fault), _output_of(words))
        return EXIT_ERROR
    except SeraiError as fault:
        print_error(fault, _output_of(words))
        return EXIT_ERROR
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader has left, as `head` does; Python would write again at its end, so give it a sink.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_ERROR
    return code if isinstance(code, int) else 0


def _misuse(fault: CycloptsError) -> SeraiError:
    message = " ".join(str(fault).split())
    command = " ".join(["serai", *fault.command_chain]) if fault.command_chain else "serai"
    return SeraiError("command-misused", message, f"See `{command} --help`.")


def _output_of(words: Sequence[str]) -> Output:
    """Return the form in which errors are told, also when the words themselves could not be understood."""
    for place, word in enumerate(words):
        value = (
            word.partition("=")[2] if word.startswith("--output=") else "".join(words[place + 1 : place + 2])
        )
        if word.partition("=")[0] == "--output":
            return "json" if value in ("json", "ndjson") else "table"
    return "table"
