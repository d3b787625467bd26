"""What a node must hold after a bad day: each declaration answered has one decision, the answered one."""

from tests.faults.load import Load

_STORED = (
    "SELECT submission.reference, consignment_id, decision_id FROM submission "
    "LEFT JOIN consignment USING (document_id) WHERE submission.party_id = %s"
)
_COUNTS = (
    "WITH mine AS (SELECT consignment_id FROM consignment WHERE party_id = %s) "
    "SELECT (SELECT count(*) FROM decision JOIN mine USING (consignment_id)), "
    "(SELECT count(*) FROM goods_item JOIN mine USING (consignment_id)), "
    "(SELECT count(*) FROM document WHERE party_id = %s)"
)


def find_lost(load: Load, party_id: int) -> list[str]:
    """Find what was answered and is not there, is there and was not answered, or is there twice or half."""
    stored = {reference: (one, two) for reference, one, two in load.node.rows(_STORED, party_id)}
    faults = [f"never answered: {one}" for one in sorted(load.unanswered)]
    faults += [f"answered and not stored: {one}" for one in sorted(set(load.answers) - set(stored))]
    faults += [f"stored and not answered: {one}" for one in sorted(set(stored) - set(load.answers))]
    faults += [f"by half: {one}" for one, (consignment_id, _) in stored.items() if not consignment_id]
    counts = load.node.rows(_COUNTS, party_id, party_id)
    if counts != [(len(stored),) * 3]:
        faults.append(f"{len(stored)} declarations have {counts[0]} decisions, goods items, documents")
    decisions = {one["decision"]["decision_id"] for one in load.answers.values()}
    if len(decisions) != len(stored):
        faults.append(f"{len(stored)} declarations were answered with {len(decisions)} decisions")
    return faults
