"""How many connections an address holds: by what a network is given, and not by who stands in front of us."""

import pytest

from serai.cli.watched_connections import ConnectionWatch


def watch(*proxies: str) -> ConnectionWatch:
    return ConnectionWatch(head_timeout_s=1, per_address_count_max=2, proxies=proxies)


@pytest.mark.parametrize(
    ("hosts", "is_last_taken"),
    [
        (["203.0.113.9", "203.0.113.9", "203.0.113.9"], False),
        (["203.0.113.9", "203.0.113.9", "203.0.113.10"], True),
        (["2001:db8::1", "2001:db8::2", "2001:db8::3"], False),
        (["2001:db8::1", "2001:db8::2", "2001:db8:0:1::3"], True),
        (["::ffff:203.0.113.9", "203.0.113.9", "203.0.113.9"], False),
        ([None, None, None], True),
    ],
)
async def test_an_address_holds_so_many_and_no_more(hosts: list[str | None], is_last_taken: bool) -> None:
    ours = watch()

    assert [ours.begin(host) for host in hosts] == [True, True, is_last_taken]


async def test_what_has_ended_makes_room() -> None:
    ours = watch()
    assert [ours.begin("203.0.113.9") for _ in range(3)] == [True, True, False]

    ours.end("203.0.113.9")

    assert [ours.begin("203.0.113.9") for _ in range(2)] == [True, False]


async def test_a_trusted_proxy_holds_as_many_as_it_wants() -> None:
    ours = watch("10.1.0.0/16", "2001:db8::/32")

    assert all(ours.begin(host) for host in ["10.1.2.3"] * 5 + ["2001:db8::1"] * 5)
    assert [ours.begin("10.2.2.3") for _ in range(3)] == [True, True, False]
