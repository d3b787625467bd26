"""The answer as JSON, the same as on the routes of the documents themselves."""

from serai.foundation.http.negotiation import JSON
from serai.foundation.http.problems import PROBLEM_MEDIA_TYPE
from serai.journey.clearance.conversations.conversation import Reply
from serai.journey.clearance.door import encode_answer
from serai.journey.clearance.filing import Answer


def reply_in_json(answer: Answer) -> Reply:
    """Write the answer to one document: 200 and the answer, or a problem."""
    status, content = encode_answer(answer)
    return Reply(status, JSON if status == 200 else PROBLEM_MEDIA_TYPE, content)
