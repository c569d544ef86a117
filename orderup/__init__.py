"""How much of a supply network's replenishment can be left to its sites, and what does it cost?"""

__version__ = "0.1.0"
