"""Serial lines solved exactly, or bounded: Clark–Scarf, Shang–Song, networks as lines, and two stages that compete."""

from .clark_scarf import SerialOptimum, clark_scarf
from .competition import Equilibrium, Transfers, TwoStages
from .decomposition import Store, common_factor_sum, decomposition
from .shang_song import SerialBounds, shang_song

__all__ = [
    "Equilibrium",
    "SerialBounds",
    "SerialOptimum",
    "Store",
    "Transfers",
    "TwoStages",
    "clark_scarf",
    "common_factor_sum",
    "decomposition",
    "shang_song",
]
