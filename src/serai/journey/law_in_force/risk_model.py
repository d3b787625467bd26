"""The learned model as a part of the law in force: signed, tried, read once for each generation."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from serai.journey.assessment.store import Component
from serai.journey.risk_model.checking import check_model
from serai.journey.risk_model.model import RiskModel
from serai.journey.risk_model.model_file import Manifest, is_golden, read_model, split_model_file
from serai.model.errors import SeraiError

RISK_MODEL: Final = "risk-model"
MODEL_NAME: Final = "risk-model"
"""One model is in force at most: each takes the place of the one before."""


class ModelInForce(NamedTuple):
    """A model of the generation in force. model: None where this process cannot use it; fault: why."""

    model: RiskModel | None
    fault: str | None


def read_model_list(content: bytes) -> list[Manifest]:
    """Return the manifest of a file that stood the trial in a child process. Raises what `check_model`
    raises."""
    return [check_model(content)]


def model_in_force(components: Sequence[Component]) -> ModelInForce | None:
    """Return the model among the components of a generation; None: there is none.

    It was tried before it came into force. A process that lacks LightGBM, or whose LightGBM scores
    golden rows otherwise, scores nothing: what is decided never waits for a model.
    """
    content = next((one.content for one in components if one.kind == RISK_MODEL), None)
    if content is None:
        return None
    try:
        model, golden = read_model(split_model_file(content))
        if is_golden(model, golden):
            return ModelInForce(model, None)
        return ModelInForce(None, "risk-model-refused")
    except ImportError:
        return ModelInForce(None, "risk-engine-missing")
    except SeraiError as fault:
        return ModelInForce(None, fault.code)
