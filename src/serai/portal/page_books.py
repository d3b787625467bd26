"""What the pages of the flow need of other rooms: the law in force, and the match keys a number could be."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from serai.foundation.vault.pseudonyms import Pseudonymiser
from serai.journey.law_in_force.state import LawState
from serai.journey.matching.match_keys import Key, hash_keys
from serai.journey.matching.rules import keys_of
from serai.law.book import LawBook
from serai.model.documents import Payment, TransportDocument


@dataclass(frozen=True, slots=True)
class PageBooks:
    """In the application's state under `page_books`. law_state: gives the law as it stands."""

    law_state: Callable[[], LawState]
    pseudonymiser: Pseudonymiser

    @property
    def law(self) -> LawBook:
        """The law in force now."""
        return self.law_state().book

    def hash_keys(self, text: str) -> Sequence[Key]:
        """Return kind and keyed hash of each match key a number could be: UCR, house document, order."""
        named = TransportDocument(reference=text, house_document=text, logistics_channel_code="", ucr=text)
        paid = Payment(reference=text, amount="0", currency_code="", paid_at="", order_references=[text])
        keys = [*keys_of(named), *keys_of(paid)]
        return hash_keys(keys, self.pseudonymiser.key_hashes)
