"""Settings: one TOML file and environment variables, read once at the start and then never again.

Each setting has a default, a type, a unit where it counts something, and one sentence that says what it
means. An environment variable `SERAI_SECTION_NAME` overrules the file; what neither names keeps its default.
"""

from pathlib import Path
from typing import Annotated, Final, Self

import msgspec
from msgspec import Meta

from serai.model.languages import DEFAULT_LANGUAGE

Port = Annotated[int, Meta(ge=0, le=65_535)]
Count = Annotated[int, Meta(ge=1)]
_NO_LIMIT = 1_000_000


def _setting(sentence: str, unit: str = "") -> Meta:
    return Meta(description=sentence, extra={"unit": unit})


class DataSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where Serai keeps its files."""

    folder: Annotated[str, _setting("Folder of the embedded database and of the keys.")] = ".serai"
    free_min_bytes: Annotated[
        int,
        Meta(ge=0),
        _setting("Room on the folder's disk below which nothing more is taken in; 0 takes all.", "bytes"),
    ] = 256 * 2**20

    @property
    def keys_folder(self) -> Path:
        """Where the keys lie, which belong into a backup of their own."""
        return Path(self.folder) / "keys"

    @property
    def epochs_folder(self) -> Path:
        """Where the keys of what is encrypted lie: one for each day of retention."""
        return self.keys_folder / "epochs"


class DatabaseSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which PostgreSQL is used, and how."""

    dsn: Annotated[
        str, _setting("Connection string of a PostgreSQL server; empty starts the embedded one.")
    ] = ""
    programs_folder: Annotated[
        str,
        _setting("Where the programs lie that run the embedded one; empty: those that Serai brings."),
    ] = ""
    archive_folder: Annotated[
        str,
        _setting("Where the embedded one keeps what a restore to an instant needs; empty: nowhere."),
    ] = ""
    wait_ms: Annotated[
        int, Meta(ge=0), _setting("How long a start waits for a server that is not there yet.", "ms")
    ] = 300_000
    pool_size_count: Annotated[
        Count, _setting("Connections that a process holds, for writing and reading each.")
    ] = 4
    statement_timeout_ms: Annotated[
        int, Meta(ge=0), _setting("Longest that one statement may run; 0 is without end.", "ms")
    ] = 60_000
    lock_timeout_ms: Annotated[
        int, Meta(ge=0), _setting("Longest that a statement waits for what another holds; 0: for ever.", "ms")
    ] = 20_000
    idle_timeout_ms: Annotated[
        int,
        Meta(ge=0),
        _setting("Longest that a transaction stands still, in a process that hangs, say; 0: for ever.", "ms"),
    ] = 20_000


class ServerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the web server listens, and what it takes."""

    host: Annotated[str, _setting("Address on which the server listens.")] = "127.0.0.1"
    port: Annotated[Port, _setting("Port on which the server listens; 0 takes a free one.")] = 8000
    public_url: Annotated[
        str, _setting("Address under which others reach the server; empty is made of host and port.")
    ] = ""
    workers_count: Annotated[Count, _setting("Web processes.")] = 1
    max_request_bytes: Annotated[Count, _setting("Largest body of a request for one thing.", "bytes")] = (
        8 * 2**20
    )
    max_stream_bytes: Annotated[Count, _setting("Largest body of a request with many lines.", "bytes")] = (
        64 * 2**30
    )
    max_line_bytes: Annotated[Count, _setting("Longest line in a request with many lines.", "bytes")] = 2**20
    max_spill_bytes: Annotated[
        Count,
        _setting("Most that answers may take in a temporary file while the client does not read.", "bytes"),
    ] = 8 * 2**30
    max_spool_bytes: Annotated[
        Count,
        _setting(
            "Most that answers not yet read, and bodies that are kept until they are whole, take in temporary"
            " files of a web process.",
            "bytes",
        ),
    ] = 32 * 2**30
    memory_free_min_bytes: Annotated[
        int,
        Meta(ge=0),
        _setting(
            "Memory of the machine, or of its control group, below which nothing is taken in; 0 takes all.",
            "bytes",
        ),
    ] = 128 * 2**20
    party_requests_per_second: Annotated[
        Count, _setting("Requests a party may send in the long run, to each web process.", "1/s")
    ] = 200
    party_burst_count: Annotated[Count, _setting("Requests a party may send in one go.")] = 1_000
    public_requests_per_second: Annotated[
        Count,
        _setting(
            "Requests without key or session that an address, in IPv6 a /64, may send in the long run.", "1/s"
        ),
    ] = 10
    public_burst_count: Annotated[Count, _setting("Requests that such an address may send in one go.")] = 100
    bodies_count: Annotated[
        Count, _setting("Requests with a body of a party, or of such an address, that may be under way.")
    ] = 100
    connections_per_address_count: Annotated[
        Count,
        _setting(
            "Connections that an address, in IPv6 a /64, may hold to a web process; not of trusted proxies."
        ),
    ] = 200
    head_timeout_ms: Annotated[
        Count, _setting("Longest until the head of a request is there, on a new connection as well.", "ms")
    ] = 10_000
    body_timeout_ms: Annotated[
        Count, _setting("Longest that nothing comes of a body that has not ended.", "ms")
    ] = 60_000
    start_timeout_ms: Annotated[
        int,
        Meta(ge=1_000),
        _setting("Longest until a web process that was started takes requests; then it is ended.", "ms"),
    ] = 300_000
    access_log: Annotated[
        bool,
        _setting("Whether the log tells of every request, not only of those that failed or were slow."),
    ] = False
    trusted_proxies: Annotated[
        str,
        _setting("Addresses and networks, with blanks between, of proxies that are believed who has sent."),
    ] = ""
    traces_url: Annotated[
        str, _setting("Where spans of OpenTelemetry go (OTLP over HTTP, as http://host:4318/v1/traces).")
    ] = ""

    def for_one_client(self) -> Self:
        """Return the same without limits on who asks: for a server that one client alone asks everything, as
        in a demo, a benchmark or a test."""
        return msgspec.structs.replace(
            self,
            party_requests_per_second=_NO_LIMIT,
            party_burst_count=_NO_LIMIT,
            public_requests_per_second=_NO_LIMIT,
            public_burst_count=_NO_LIMIT,
            bodies_count=_NO_LIMIT,
            connections_per_address_count=_NO_LIMIT,
        )


class SignInSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How people sign in to the pages."""

    session_minutes: Annotated[Count, _setting("How long a sign-in to the pages lasts.", "minutes")] = 480
    idle_minutes: Annotated[Count, _setting("How long a sign-in lasts while nobody uses it.", "minutes")] = 60
    needs_second_factor: Annotated[
        bool, _setting("Whether everybody types a code of an authenticator app as well.")
    ] = False
    account_tries_count: Annotated[Count, _setting("Tries that a name has before it must wait.")] = 10
    network_tries_count: Annotated[
        Count, _setting("Tries that an address, in IPv6 a /64, has before it must wait.")
    ] = 50
    wait_minutes: Annotated[Count, _setting("How long after the last try the next is taken.", "minutes")] = 15
    tries_per_minute: Annotated[
        Count, _setting("Tries that an address may make in the long run, at each web process.", "1/min")
    ] = 12
    burst_count: Annotated[Count, _setting("Tries that an address may make in one go before that.")] = 10
    providers_file: Annotated[
        str,
        _setting("File of providers of identities (OpenID Connect) where people may sign in; empty: none."),
    ] = ""

    def for_one_client(self) -> Self:
        """Return the same without limits on who tries: for a server that one client alone asks everything."""
        return msgspec.structs.replace(
            self, network_tries_count=_NO_LIMIT, tries_per_minute=_NO_LIMIT, burst_count=_NO_LIMIT
        )


class RegistrationSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How organisations register themselves."""

    sellers: Annotated[
        str,
        Meta(pattern="^(usual|open|approval|closed)$"),
        _setting(
            "What becomes of a seller who registers: open, begins at once; approval, waits for an "
            "administrator; closed, nobody registers; or usual: approval where answers have legal effect, "
            "open in a test administration."
        ),
    ] = "usual"
    link_hours: Annotated[
        int, Meta(ge=1, le=168), _setting("How long a link that was sent by e-mail is good.", "hours")
    ] = 24
    approval_days: Annotated[
        int, Meta(ge=1, le=365), _setting("How long a seller waits to be admitted at most.", "days")
    ] = 60
    address_tries_count: Annotated[
        Count, _setting("Messages that an address is sent on demand before it must wait.")
    ] = 5
    network_tries_count: Annotated[
        Count, _setting("Messages that a network, in IPv6 a /64, may have sent before it must wait.")
    ] = 20
    wait_minutes: Annotated[Count, _setting("How long after the last one the next is sent.", "minutes")] = 60


class BuyersSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How buyers find their parcel without an account."""

    number_tries_count: Annotated[
        Count, _setting("Tries that a number has, whatever the postcode, before it must wait.")
    ] = 10
    network_tries_count: Annotated[
        Count, _setting("Tries that an address, in IPv6 a /64, has before it must wait.")
    ] = 50
    wait_minutes: Annotated[Count, _setting("How long after the last try the next is taken.", "minutes")] = 60
    codes_count: Annotated[Count, _setting("One-time codes for a parcel before it must wait.")] = 5
    session_minutes: Annotated[
        Count,
        _setting("How long a buyer stays at a parcel before number and postcode are asked again.", "minutes"),
    ] = 30
    answer_after_ms: Annotated[
        int,
        Meta(ge=0, le=5_000),
        _setting("Least time until it is answered whether there is such a parcel.", "ms"),
    ] = 350


class NoticesSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Notices by e-mail. Without a server they are written into a folder, which only developers read."""

    smtp_host: Annotated[str, _setting("Mail server that notices are handed to; empty: the folder.")] = ""
    smtp_port: Annotated[Port, _setting("Port of the mail server.")] = 587
    smtp_security: Annotated[
        str,
        Meta(pattern="^(starttls|tls|none)$"),
        _setting("How the connection to it is made safe: starttls, tls, or none on one machine."),
    ] = "starttls"
    smtp_user: Annotated[str, _setting("Name at the mail server; empty: none is asked for.")] = ""
    smtp_password_file: Annotated[str, _setting("File that holds its password.")] = ""
    folder: Annotated[
        str, _setting("Folder for messages where there is no server; empty: `mail` in the data folder.")
    ] = ""
    sender: Annotated[str, _setting("Address that notices come from.")] = "customs@localhost.localdomain"
    return_folder: Annotated[
        str,
        _setting("Folder (files or a Maildir) into which what comes back is put; empty: nothing is read."),
    ] = ""
    phone_domain: Annotated[
        str, _setting("Domain of a gateway that turns e-mails into text messages; empty: none is there.")
    ] = ""
    try_ms: Annotated[
        int, Meta(ge=100, le=120_000), _setting("Longest that the server may take for one answer.", "ms")
    ] = 20_000


_KINDS: Final = "law|lists|keys|accounts|offices|guarantees|refunds|risk|marks"


class ApprovalSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one person proposes and another approves."""

    kinds: Annotated[
        str,
        Meta(pattern=f"^(usual|none|({_KINDS})( ({_KINDS}))*)$"),
        _setting(
            "Kinds of acts that need a second person, with blanks between: law, lists, keys, accounts, "
            "offices, guarantees, refunds, risk, marks; none; or usual: all but marks where answers have "
            "legal effect, none in a test administration."
        ),
    ] = "usual"
    valid_days: Annotated[
        int, Meta(ge=1, le=365), _setting("How long a proposal can be approved.", "days")
    ] = 7


class BulkActSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """On how many cases an officer may act at once, and how many are opened first."""

    limits: Annotated[
        str,
        Meta(pattern=r"^([a-z_]+:[0-9]{1,4}( [a-z_]+:[0-9]{1,4})*)?$"),
        _setting("Role and most cases of one act, with blanks between; a role that is not named: none."),
    ] = "officer:100"
    sample_percent: Annotated[
        int, Meta(ge=1, le=100), _setting("Share of the cases that is drawn and opened first.", "percent")
    ] = 10
    sample_min_count: Annotated[int, Meta(ge=1, le=1_000), _setting("Cases that are drawn at least.")] = 3


class PaymentSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where what is owed is paid to."""

    accounts: Annotated[
        str,
        Meta(pattern=r"^([A-Z0-9]{4,34}( [A-Z0-9]{4,34})*)?$"),
        _setting(
            "Numbers (IBAN) of the administration's bank accounts, with blanks between: statements of these "
            "are imported, and the first is where payers are asked to pay; empty: none is."
        ),
    ] = ""
    payee: Annotated[str, Meta(max_length=70), _setting("To whom payers pay, as the bank names it.")] = ""
    reports: Annotated[
        str,
        Meta(pattern="^(usual|declarants|accounts)$"),
        _setting(
            "What parties may say of payments: declarants, that whoever declared has paid; accounts, only "
            "what goes over a payment account or guarantee that is registered; usual: accounts where answers "
            "have legal effect, declarants in a test administration."
        ),
    ] = "usual"
    orders_refunds: Annotated[
        bool,
        _setting(
            "What is due back is ordered within the hour; orders go to the bank with a batch that somebody "
            "makes. Off: an officer orders."
        ),
    ] = True


class TaxPaidSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far goods may be above what a tax-paid token says that was paid for."""

    value_tolerance_ppm: Annotated[
        int,
        Meta(ge=0, le=1_000_000),
        _setting("How much higher a declared value may be.", "parts per million"),
    ] = 0
    mass_tolerance_ppm: Annotated[
        int,
        Meta(ge=0, le=1_000_000),
        _setting("How much higher a declared gross mass may be.", "parts per million"),
    ] = 100_000


class BatchSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How requests are gathered into shared commits."""

    max_rows_count: Annotated[Count, _setting("Most consignments decided and committed together.")] = 16_000
    small_rows_count: Annotated[
        int,
        Meta(ge=0),
        _setting("Consignments of a request up to which it never waits for a large batch; 0: all wait."),
    ] = 100
    max_wait_ms: Annotated[
        int,
        Meta(ge=0),
        _setting(
            "Longest that a batch waits for company: for its first request, for those just answered.", "ms"
        ),
    ] = 3
    queue_limit_count: Annotated[
        Count,
        _setting(
            "Consignments that may wait in a process before it answers that it is busy; twice as many,"
            " of parties with less than their share."
        ),
    ] = 80_000


class LogSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The evidence log."""

    origin: Annotated[
        str, Meta(min_length=1), _setting("Name of the log, in every receipt; never change it.")
    ] = "localhost/serai"
    integrate_interval_ms: Annotated[Count, _setting("Time between two checkpoints.", "ms")] = 500
    publish_folder: Annotated[
        str, _setting("Folder in which the log is kept as static files for others; empty: none.")
    ] = ""
    witnesses: Annotated[
        str, _setting("Witnesses of the log: for each its public key and its address, with blanks between.")
    ] = ""
    quorum_count: Annotated[
        int,
        Meta(ge=0),
        _setting(
            "Witnesses that must have signed a checkpoint before it is published with their signatures."
        ),
    ] = 0


class AdministrationSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The customs administration that runs this node."""

    code: Annotated[str, Meta(pattern="^[A-Z0-9-]{1,12}$"), _setting("Short name of the administration.")] = (
        "TEST"
    )
    name: Annotated[str, Meta(min_length=1), _setting("Full name, as pages show it.")] = "Test administration"
    country_code: Annotated[
        str, Meta(pattern="^[A-Z]{2}$"), _setting("Two letters that stand in registration numbers.")
    ] = "XX"
    time_zone: Annotated[str, _setting("Time zone of the customs territory, by its tz database name.")] = (
        "UTC"
    )
    offices_file: Annotated[
        str,
        _setting(
            "YAML file of the customs offices that appeals go to, by country of the consignee and channel; "
            "empty: the administration itself stands for them."
        ),
    ] = ""
    is_test: Annotated[bool, _setting("Whether every answer says that it has no legal effect.")] = True
    is_demo: Annotated[
        bool, _setting("Whether the first page says where to look among the parcels of `serai demo`.")
    ] = False
    test_environment_url: Annotated[
        str,
        _setting("Address of the test environment, which organisations are told of; empty: none."),
    ] = ""
    language: Annotated[
        str,
        Meta(pattern="^(en|fr|es|pt|ar|zh|ru|sw)$"),
        _setting("Language in which its words are authentic; the others are translations."),
    ] = DEFAULT_LANGUAGE


class QuotesSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How landed-cost quotes are given and honoured."""

    document_type_code: Annotated[
        str, Meta(min_length=1, max_length=35), _setting("Document type under which declarations cite one.")
    ] = "N310"
    valid_days: Annotated[
        int, Meta(ge=1, le=365), _setting("How long a quote holds unless the law changes before.", "days")
    ] = 30
    value_tolerance_ppm: Annotated[
        int,
        Meta(ge=0, le=1_000_000),
        _setting("How far declared and quoted value may lie apart.", "parts per million"),
    ] = 10_000
    mass_tolerance_ppm: Annotated[
        int,
        Meta(ge=0, le=1_000_000),
        _setting("How much heavier than quoted the goods may be.", "parts per million"),
    ] = 100_000
    difference_account: Annotated[
        str,
        Meta(min_length=1, max_length=70),
        _setting("Account to which the difference between quoted and assessed charges is booked."),
    ] = "quote-differences"


class EpcisSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Visibility events."""

    arrival_read_points: Annotated[
        str,
        _setting(
            "URIs, with blanks between, of places where an event of arriving or receiving is an arrival."
        ),
    ] = ""
    max_events_count: Annotated[Count, _setting("Most events of one capture.")] = 10_000


class WebhooksSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Telling events to addresses of parties."""

    allows_private: Annotated[
        bool, _setting("Whether webhooks may go to private networks, not only to public addresses.")
    ] = False
    try_ms: Annotated[int, Meta(ge=100, le=60_000), _setting("Longest that one try may take.", "ms")] = 15_000
    off_after_days: Annotated[
        int, Meta(ge=1), _setting("How long every try must fail before a webhook is switched off.", "days")
    ] = 3


class RetentionSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long things are kept. They go by whole quarters, the newest of which has ended so long ago."""

    case_days: Annotated[
        int,
        Meta(ge=0),
        _setting(
            "How long cases, once closed, are kept with all their documents, and never shorter than the law "
            "says (`laws/retention.yaml`); 0: as long as the law says, without end where it says nothing.",
            "days",
        ),
    ] = 0
    quote_days: Annotated[
        int, Meta(ge=0), _setting("How long quotes that nothing has used are kept; 0: without end.", "days")
    ] = 400
    event_days: Annotated[
        int,
        Meta(ge=0),
        _setting("How long events, of feeds and of things, are kept; 0: without end.", "days"),
    ] = 0
    open_share_max_ppm: Annotated[
        int,
        Meta(ge=0, le=1_000_000),
        _setting(
            "Share of declarations in open cases above which a quarter stays whole.", "parts per million"
        ),
    ] = 200_000


class SplitShipmentsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether parcels that may be parts of one order are looked for. Lawful orders are found with them: an
    administration decides it."""

    is_on: Annotated[
        bool,
        _setting("Parcels to one address from one seller that may be one order are put before an officer."),
    ] = False


class RecallsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one person may have suspended by a recall, and how far back released goods are looked for."""

    four_eyes_count: Annotated[
        int,
        Meta(ge=0),
        _setting(
            "Consignments under way that a recall may find before a second person must confirm it; 0: always."
        ),
    ] = 5_000
    released_days: Annotated[
        int,
        Meta(ge=0, le=3_650),
        _setting("How far back recalled goods are looked for among what was released.", "days"),
    ] = 30


class ListsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where signed lists are fetched from, how often, and which are kept back until a second person has
    looked."""

    kept_back_percent: Annotated[
        int,
        Meta(ge=0, le=100),
        _setting(
            "Entries, of those of the list in force, at or below which a list is kept back; 0: none is.",
            "percent",
        ),
    ] = 50
    kept_back_count_min: Annotated[
        int, Meta(ge=1), _setting("Entries of a list in force below which no list is kept back.")
    ] = 20
    folder: Annotated[
        str, _setting("Folder in which signed lists are put for this server; empty: none is read there.")
    ] = ""
    check_minutes: Annotated[
        int, Meta(ge=1, le=1_440), _setting("How often sources of lists are asked.", "minutes")
    ] = 15
    allows_private: Annotated[
        bool, _setting("Lists are fetched from this machine and from private networks, too.")
    ] = False


class ComparisonSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much of what is stored is held against the evidence log, each minute by one process."""

    sample_count: Annotated[
        int,
        Meta(ge=0, le=10_000),
        _setting("Consignments drawn at random and compared each minute."),
    ] = 100
    round_count_max: Annotated[
        int,
        Meta(ge=0, le=100_000),
        _setting(
            "Consignments compared each minute at most beside these, so that all are within a day; 0: none.",
        ),
    ] = 5_000


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All settings of a node. sources: by `section.name`, where a value came from; absent: default."""

    data: DataSettings = DataSettings()
    database: DatabaseSettings = DatabaseSettings()
    server: ServerSettings = ServerSettings()
    sign_in: SignInSettings = SignInSettings()
    registration: RegistrationSettings = RegistrationSettings()
    buyers: BuyersSettings = BuyersSettings()
    notices: NoticesSettings = NoticesSettings()
    approval: ApprovalSettings = ApprovalSettings()
    bulk_acts: BulkActSettings = BulkActSettings()
    payment: PaymentSettings = PaymentSettings()
    tax_paid: TaxPaidSettings = TaxPaidSettings()
    batch: BatchSettings = BatchSettings()
    log: LogSettings = LogSettings()
    administration: AdministrationSettings = AdministrationSettings()
    quotes: QuotesSettings = QuotesSettings()
    epcis: EpcisSettings = EpcisSettings()
    webhooks: WebhooksSettings = WebhooksSettings()
    retention: RetentionSettings = RetentionSettings()
    comparison: ComparisonSettings = ComparisonSettings()
    recalls: RecallsSettings = RecallsSettings()
    split_shipments: SplitShipmentsSettings = SplitShipmentsSettings()
    lists: ListsSettings = ListsSettings()
    sources: dict[str, str] = {}
