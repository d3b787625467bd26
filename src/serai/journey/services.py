"""What processing works with beside the law: store, ids, clock, keys, vault, log."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from serai.evidence.notes import Signer
from serai.evidence.promise import RecentPromises
from serai.evidence.soundness import LogState
from serai.foundation.clock import Clock
from serai.foundation.database import Database, Jitter
from serai.foundation.disk_room import DiskRoom
from serai.foundation.ids import IdSource
from serai.foundation.known_ids import KnownIds
from serai.foundation.sealed_secrets import SecretSeal
from serai.foundation.settings import QuotesSettings
from serai.foundation.vault.epochs import EpochSource
from serai.foundation.vault.keyring import Keyring
from serai.foundation.vault.pseudonyms import Pseudonymiser
from serai.foundation.vault.records import MessageCodec
from serai.model.ledger import Account


@dataclass(frozen=True, slots=True)
class Services:
    """Built once by `app.py`. country_code: of the administration, stands in registration numbers.
    account_ids: of the ledger, by administration and account.
    notice_seal: of what goes out by e-mail; None: nothing does. needs_accounts: what parties say of payments
    counts over payment accounts alone. groups_parcels: parcels that may be one order are looked for."""

    administration_id: int
    country_code: str
    database: Database
    ids: IdSource
    clock: Clock
    jitter: Jitter
    keyring: Keyring
    epochs: EpochSource
    codec: MessageCodec
    pseudonymiser: Pseudonymiser
    signer: Signer
    log_origin: str
    integrate_within: timedelta = timedelta(seconds=2)
    random_bytes: Callable[[int], bytes] = os.urandom
    room: DiskRoom | None = None
    notice_seal: SecretSeal | None = None
    needs_accounts: bool = False
    groups_parcels: bool = False
    quote_rules: QuotesSettings = field(default_factory=QuotesSettings)
    recent_promises: RecentPromises = field(default_factory=RecentPromises)
    log_state: LogState = field(default_factory=LogState)
    account_ids: KnownIds[tuple[int, Account]] = field(default_factory=KnownIds)
