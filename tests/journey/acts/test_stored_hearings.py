"""Generated adverse decisions on a node: its acts, e-mails, jobs and clock hold what the rule holds."""

from pathlib import Path

import pytest

from tests.journey.acts.hearing_campaign.histories import generated
from tests.journey.acts.hearing_campaign.stored import CampaignClock, add_person, play
from tests.journey.processing.support import DECLARANT, opened


@pytest.mark.slow
async def test_no_decision_on_a_node_comes_before_its_hearing_ended_and_no_clock_before_notification(
    database: str, keys: Path
) -> None:
    clock = CampaignClock()
    async with opened(database, keys, clock=clock) as node:
        await add_person(node, DECLARANT.party_id)

        taken, refused, faults = await play(node, clock, list(generated(11, 60)))

    assert faults == []
    assert taken.total() > 5
    assert refused.total() > 5
