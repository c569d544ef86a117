"""Serial lines solved exactly, or bounded: Clark–Scarf, Shang–Song, and the decomposition of networks into lines."""

from .clark_scarf import SerialOptimum, clark_scarf
from .decomposition import Store, common_factor_sum, decomposition
from .shang_song import SerialBounds, shang_song

__all__ = ["SerialBounds", "SerialOptimum", "Store", "clark_scarf", "common_factor_sum", "decomposition", "shang_song"]
