"""Agents that plan a network's periods by a linear program, anew in every period. Imports `programs`."""

from .mpc import CertaintyEquivalent, ModelPredictive

__all__ = ["CertaintyEquivalent", "ModelPredictive"]
