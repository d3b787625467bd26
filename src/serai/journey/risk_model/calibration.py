"""Scores into probabilities: a line through the log-odds, fitted on rows that the model had not seen."""

import msgspec
import numpy as np

from serai.journey.risk_model.rows import Float64s

_STEPS_MAX = 50
_RIDGE = 1e-6
PPM = 1_000_000


class Calibration(msgspec.Struct, frozen=True):
    """probability = 1 / (1 + exp(-(slope x log-odds + intercept))) (Platt 1999). slope is not below zero, so
    that calibration never turns the order of two scores."""

    slope: float
    intercept: float

    def probabilities(self, log_odds: Float64s) -> Float64s:
        """Return the probability that an examination finds something."""
        return logistic(self.slope * log_odds + self.intercept)


def logistic(values: Float64s) -> Float64s:
    """Return 1 / (1 + exp(-x)), without overflow."""
    return np.exp(-np.logaddexp(0.0, -values))


def calibrate(log_odds: Float64s, is_found: Float64s) -> Calibration:
    """Fit slope and intercept by Newton's method. log_odds: of rows outside the training."""
    design = np.column_stack([log_odds, np.ones(len(log_odds))])
    theta = np.array([1.0, 0.0])
    for _ in range(_STEPS_MAX):
        probability = logistic(design @ theta)
        gradient = design.T @ (probability - is_found)
        spread = probability * (1.0 - probability)
        curvature = (design * spread[:, None]).T @ design + _RIDGE * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        theta = theta - step
        if float(np.abs(step).max()) < 1e-10:
            break
    if theta[0] <= 0.0:
        # The score says nothing here: everybody gets the base rate.
        rate = min(max(float(is_found.mean()), 1e-6), 1.0 - 1e-6)
        return Calibration(0.0, float(np.log(rate / (1.0 - rate))))
    return Calibration(float(theta[0]), float(theta[1]))
