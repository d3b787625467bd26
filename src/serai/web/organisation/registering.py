"""Organisations register and people come by links that are sent to them.

Nobody learns whether an address has an account: whoever asks has one answer, after the same statements, and
only whoever reads the address is told. How often an address is written to is bounded, and how often a network
asks.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final

import msgspec
from psycopg import AsyncConnection

from serai.app import Node, open_seal
from serai.foundation.access import store
from serai.foundation.access.actor import MemberRole, Role
from serai.foundation.access.administering import ActingUser, record_act
from serai.foundation.access.members import links, organisations
from serai.foundation.access.members import store as members_store
from serai.foundation.access.members.links import OpenLink, Said
from serai.foundation.access.passwords import hash_password
from serai.foundation.access.people import end_openings, sign_in_name_of
from serai.foundation.access.sign_in_tries import Subject, count_try, subject_hash
from serai.foundation.http.problems import RetryLaterError
from serai.foundation.id_text import format_id
from serai.foundation.sealed_secrets import SecretSeal
from serai.foundation.settings import Settings
from serai.journey.mailing.addresses import read_email
from serai.journey.mailing.service import Mailing, Recipient
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText
from serai.web.access_to_approve import PartyToAdmit
from serai.web.approved_actions import propose

_NOBODY: Final = "unknown"
_SELF: Final = Role.SELLER
"""What an organisation that registers itself may become; other roles are the administration's to give."""
_WORDS_OF_KIND: Final[Mapping[str, str]] = MappingProxyType(
    {"registration": "registration-confirm", "invitation": "invitation", "password": "password-link"}
)


def mode_of(settings: Settings) -> str:
    """Return what becomes of a seller who registers: open, approval or closed."""
    said = settings.registration.sellers
    if said != "usual":
        return said
    return "open" if settings.administration.is_test else "approval"


class Registered(msgspec.Struct, frozen=True):
    """What a link has done. kind: of the link; waits: whether the organisation is yet to be admitted."""

    kind: str
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Registering:
    """Lets organisations and their people come in."""

    node: Node
    mailing: Mailing

    async def ask(self, *, name: str, country_code: str, email: str, network: str, language: str) -> None:
        """Write to an address that somebody wants to register an organisation with.

        Errors: `registration-closed`, `email-unfit`; RetryLaterError `tries-spent`.
        """
        if mode_of(self.node.settings) == "closed":
            raise SeraiError(
                "registration-closed",
                "Organisations do not register themselves here.",
                "Ask the administration to register yours.",
            )
        address = fit_email(email)
        by = self.acting(_NOBODY)
        await self._count(by, address, network)
        async with self.node.database.write() as connection:
            account = await self._account(connection, address)
            said = Said(address, name, country_code)
            if account is None:
                await self._send(connection, by, "registration", said, language=language)
            else:
                await self._send_known(connection, by, account, address, language)

    async def ask_password(self, *, email: str, network: str, language: str) -> None:
        """Send a link to a new password, to persons of parties alone. Errors as in `ask`."""
        address = fit_email(email)
        by = self.acting(_NOBODY)
        await self._count(by, address, network)
        async with self.node.database.write() as connection:
            account = await self._account(connection, address)
            is_person = account is not None and account.party_id is not None
            # Nothing is sent to who has no account, after the same statements.
            async with connection.transaction(force_rollback=not is_person):
                await self._send(
                    connection,
                    by,
                    "password",
                    Said(address),
                    language=language,
                    account_id=account.account_id if account is not None else None,
                )

    async def invite(
        self,
        connection: AsyncConnection,
        by: ActingUser,
        *,
        party_id: int,
        email: str,
        member_role: MemberRole,
        language: str,
    ) -> None:
        """Send an address a link by which its reader becomes a person of a party; whoever has an account is
        told so, and nobody else. Errors: `email-unfit`, `member-known`, `members-too-many`."""
        address = fit_email(email)
        members = await organisations.list_members(connection, by.administration_id, party_id)
        if any(one.sign_in_name == sign_in_name_of(address) for one in members):
            raise SeraiError("member-known", "This person belongs to it already.", "Change what they may.")
        invited = await organisations.list_invitations(connection, by, party_id)
        if len(members) + len(invited) >= organisations.MEMBERS_COUNT_MAX:
            raise SeraiError(
                "members-too-many",
                MessageText(
                    "An organisation has at most {count_max} people here.",
                    count_max=organisations.MEMBERS_COUNT_MAX,
                ),
                "End accounts and invitations that nobody needs.",
            )
        account = await self._account(connection, address)
        if account is None:
            said = Said(address, member_role=member_role)
            await self._send(connection, by, "invitation", said, language=language, party_id=party_id)
        else:
            await self._send_known(connection, by, account, address, language)
        detail = f"as {member_role}"
        await record_act(connection, by, "person-invited", f"party {format_id(party_id)}", detail)

    async def count_invitation(self, by: ActingUser, email: str, network: str) -> None:
        """Count a message that is sent on demand. RetryLaterError `tries-spent`; `email-unfit`."""
        await self._count(by, fit_email(email), network)

    async def look(self, token: str) -> OpenLink:
        """Return what a link is for; it is not used up. Error: `link-used-or-expired`."""
        async with self.node.database.write() as connection:
            return await links.look_at_link(connection, self.acting(_NOBODY), self.seal, token)

    async def follow(self, token: str, password: str, *, language: str) -> Registered:
        """Use a link: the password that its reader has chosen is the account's from now on.

        Errors: `link-used-or-expired`, `password-unfit`, `account-exists`, `party-unknown`, `busy`.
        """
        # Before the link is held, and for good links alone: it takes long.
        await self.look(token)
        password_hash = await asyncio.to_thread(hash_password, password)
        async with self.node.database.write() as connection:
            by = self.acting(_NOBODY)
            link = await links.look_at_link(connection, by, self.seal, token, to_use=True)
            await links.use_link(connection, by, link)
            if link.row.kind == "password":
                await self._give_password(connection, by, link, password_hash)
                return Registered("password")
            return await self._add_person(connection, link, password_hash, language)

    @property
    def seal(self) -> SecretSeal:
        """What seals the addresses in links."""
        return open_seal(self.node.settings, "notice")

    def acting(self, actor: str, person: str | None = None) -> ActingUser:
        """Return by whose hand something is done now."""
        node = self.node
        return ActingUser(
            node.administration_id, actor, node.clock.now(), lambda: int(node.ids.take(1)[0]), person
        )

    # ---- the steps ----

    async def _add_person(
        self, connection: AsyncConnection, link: OpenLink, password_hash: str, language: str
    ) -> Registered:
        account_id = int(self.node.ids.take(1)[0])
        by = self.acting(f"account:{account_id}", sign_in_name_of(link.said.email))
        is_new = link.row.kind == "registration"
        mode = mode_of(self.node.settings)
        if is_new:
            party_id = await organisations.add_organisation(
                connection,
                by,
                name=link.said.name,
                country_code=link.said.country_code,
                roles=[_SELF] if mode == "open" else [],
            )
        else:
            assert link.row.party_id is not None, "whoever is invited is invited somewhere"
            party_id = link.row.party_id
            await organisations.find_organisation(connection, by, party_id)
        await organisations.add_member(
            connection,
            by,
            account_id=account_id,
            party_id=party_id,
            email=link.said.email,
            password_hash=password_hash,
            member_role=MemberRole.MANAGER if is_new else MemberRole(link.said.member_role),
            language=language,
        )
        if is_new and mode != "open":
            await self._propose(connection, by, party_id, link.said)
        return Registered(link.row.kind, waits=is_new and mode != "open")

    async def _propose(self, connection: AsyncConnection, by: ActingUser, party_id: int, said: Said) -> None:
        await propose(
            connection,
            self.node.settings,
            by,
            PartyToAdmit(party_id, said.name, said.country_code, _SELF),
            subject=f"party {format_id(party_id)}",
            detail=f"{said.name}, {said.country_code}, {_SELF}",
            lasts=timedelta(days=self.node.settings.registration.approval_days),
        )

    async def _give_password(
        self, connection: AsyncConnection, by: ActingUser, link: OpenLink, password_hash: str
    ) -> None:
        """Give the account another password. Its second factor stays: a mailbox is no way around it."""
        account = await self._account(connection, link.said.email)
        if account is None or account.account_id != link.row.account_id:
            raise SeraiError(
                "account-unknown",
                "This link gives no account another password.",
                "Ask whoever looks after your account.",
            )
        values = {"account_id": account.account_id, "password_hash": password_hash}
        await store.execute(connection, "change_password", values)
        await end_openings(connection, account.account_id, by.at)
        ended = {"account_id": account.account_id, "administration_id": by.administration_id, "at": by.at}
        await members_store.execute(connection, "end_password_links", ended)
        acting = self.acting(f"account:{account.account_id}")
        subject = f"account {format_id(account.account_id)}"
        await record_act(connection, acting, "account-password-changed", subject, "by a link that was sent")

    async def _send_known(
        self,
        connection: AsyncConnection,
        by: ActingUser,
        account: store.AccountRow,
        address: str,
        language: str,
    ) -> None:
        """Tell whoever has an account that they have one; where it is a party's, with a link to a new
        password."""
        await self._send(
            connection,
            by,
            "password",
            Said(address),
            language=language,
            # The link of an account of the administration opens nothing: its password is not given by mail.
            account_id=account.account_id if account.party_id is not None else None,
            words="registration-known",
        )

    async def _send(
        self,
        connection: AsyncConnection,
        by: ActingUser,
        kind: members_store.LinkKind,
        said: Said,
        *,
        language: str,
        party_id: int | None = None,
        account_id: int | None = None,
        words: str | None = None,
    ) -> None:
        hours = self.node.settings.registration.link_hours
        token = await links.make_mailed_link(
            connection,
            by,
            self.seal,
            kind,
            said,
            lasts=timedelta(hours=hours),
            party_id=party_id,
            account_id=account_id,
        )
        await self.mailing.queue(
            connection,
            words or _WORDS_OF_KIND[kind],
            Recipient("email", said.email),
            language=language,
            parameters={"link": f"{self.mailing.writer.address}/confirm/{token}", "hours": str(hours)},
            send_within=timedelta(hours=hours),
        )

    async def _account(self, connection: AsyncConnection, address: str) -> store.AccountRow | None:
        values = {
            "administration_id": self.node.administration_id,
            "sign_in_name": sign_in_name_of(address),
        }
        return await store.select_one(connection, "select_account", values, store.AccountRow)

    async def _count(self, by: ActingUser, address: str, network: str) -> None:
        rules = self.node.settings.registration
        subjects = (
            Subject(subject_hash("serai-mails-net", network), rules.network_tries_count),
            Subject(subject_hash("serai-mails-addr", sign_in_name_of(address)), rules.address_tries_count),
        )
        async with self.node.database.write() as connection:
            wait_s = await count_try(
                connection,
                subjects,
                administration_id=by.administration_id,
                lasts=timedelta(minutes=rules.wait_minutes),
                at=by.at,
            )
        if wait_s:
            raise RetryLaterError(
                "tries-spent",
                "So many messages are not sent in one hour.",
                MessageText("Wait {count} minutes; look into the mailbox meanwhile.", count=-(-wait_s // 60)),
                retry_after_s=wait_s,
            )


def fit_email(text: str) -> str:
    """Return an address that can be written to, in small letters: it is written to as it is signed in with,
    so that nobody who reads a mailbox of other letters comes in. Error: `email-unfit`."""
    address = read_email(text)
    if address is None:
        raise SeraiError(
            "email-unfit",
            "This is no e-mail address that can be written to.",
            "Type it as name@example.org.",
        )
    return sign_in_name_of(address)
