"""Networks drawn at random, and how one's own are made: a scenario's `generator`. Imports no room but the lowest.

Scenarios are checked once the network is there, whoever made it.
"""

from .factor_networks import FactorNetworks, NetworkFactors
from .generator import MADE, Generator, expanded, generators
from .network_family import NetworkFamily
from .random_network import RandomNetwork

__all__ = ["MADE", "FactorNetworks", "Generator", "NetworkFactors", "NetworkFamily", "RandomNetwork", "expanded", "generators"]
