"""Only a declaration lets other documents count; what a sender says of itself never does."""

from serai.journey.match.rules import ORDER, UCR, Declared, may_join, may_share

NOBODY: frozenset[str] = frozenset()
DECLARED = Declared(1, frozenset({2}))


def test_without_a_declaration_nobody_joins() -> None:
    assert not may_join(1, "order", frozenset({"platform"}), [])


def test_declarant_and_whom_it_names_join() -> None:
    assert may_join(1, "order", NOBODY, [DECLARED])
    assert may_join(2, "order", NOBODY, [DECLARED])
    assert not may_join(3, "order", frozenset({"platform", "seller"}), [DECLARED])


def test_registered_providers_and_carriers_join_with_what_is_theirs() -> None:
    assert may_join(3, "payment", frozenset({"payment_provider"}), [DECLARED])
    assert not may_join(3, "order", frozenset({"payment_provider"}), [DECLARED])
    assert may_join(3, "transport-document", frozenset({"post"}), [DECLARED])
    assert not may_join(3, "payment", frozenset({"carrier"}), [DECLARED])


def test_declarations_share_a_case_only_if_one_party_filed_them() -> None:
    assert may_share(DECLARED, Declared(1), UCR)
    assert not may_share(DECLARED, Declared(2), UCR)
    assert not may_share(DECLARED, Declared(1), ORDER), "equal order numbers of two platforms"
    assert may_share(DECLARED, Declared(1, frozenset({2})), ORDER)
