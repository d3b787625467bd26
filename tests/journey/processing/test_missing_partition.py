"""A batch in a month that no partition takes: refused whole, told beforehand, taken later."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from serai.app import keep_partitions
from serai.foundation.clock import FixedClock, SystemClock
from serai.model.errors import SeraiError
from serai.web.health import find_alarms, find_checks
from tests.journey.processing.support import DECLARANT, opened, parcel, select, send

LOCK = 736005190003


async def test_a_month_without_a_partition_loses_nothing_and_goes_on_when_it_is_made(
    make_database: Any, tmp_path: Path
) -> None:
    dsn = make_database()
    clock = FixedClock(SystemClock().now() + timedelta(days=300))
    with psycopg.connect(dsn, autocommit=True) as holder:
        # Nobody makes partitions while somebody else holds the lock.
        holder.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        async with opened(dsn, tmp_path, clock=clock) as node:
            await keep_partitions(node)
            alarms, checks = await find_alarms(node), await find_checks(node)
            metric = node.metrics.render().decode()
            with pytest.raises(SeraiError) as refused:
                await send(node, DECLARANT, "declaration", parcel("1"))
            kept = await select(node, "SELECT count(*) FROM submission")
            holder.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
            await keep_partitions(node)
            answer = (await send(node, DECLARANT, "declaration", parcel("1")))[0]
            quiet = await find_alarms(node)

    assert refused.value.code == "partition-missing"
    assert kept == [(0,)]
    assert answer.status == "decided"
    assert {one.code for one in alarms} == {"partition-missing"}
    assert any("consignment" in one.message for one in alarms)
    assert all(one.next_step for one in alarms)
    assert next(one for one in checks if one.name == "database").is_well
    assert f"serai_partitions_missing {len(alarms)}.0" in metric
    assert quiet == []
