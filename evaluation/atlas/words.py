"""What factors and levels are called where people read of them."""

from __future__ import annotations

LEVELS = {
    "central_ideal": "ideal centre",
    "central_stale": "late centre",
    "central_periodic": "centre that plans ahead",
    "hybrid_sop": "rare targets, narrow band",
    "hybrid_soe": "frequent targets, wide band",
    "management_by_exception": "sites, exceptions approved",
    "federated": "sites that see neighbours",
    "autonomous_shared": "sites that see all",
    "autonomous_silo": "sites by themselves",
}
FACTORS = {
    "sites": "sites",
    "depth": "echelons",
    "lead_time": "lead time of a lane [periods]",
    "order_delay": "order delay [periods]",
    "demand": "demand of a store [units/period]",
    "variation": "variation of demand",
    "memory": "memory of demand",
    "correlation": "correlation of stores' demand",
    "critical_ratio": "critical ratio",
    "inequality": "inequality of shortage costs",
    "holding_ratio": "holding cost upstream",
    "lost": "share of lost sales",
    "slack": "capacity into the root, by demand",
    "outage": "time that the supplier is out",
    "uplift": "size of promotions",
    "known_ahead": "promotions known ahead [periods]",
    "reported": "share of promotions reported",
    "feed_age": "age of reports [periods]",
    "feed_noise": "error of reports",
    "cadence": "periods between two plans",
}


def level_words(name: str) -> str:
    """A level's."""
    return LEVELS.get(name, name)


def costs_word(level: str) -> str:
    """A centre costs, sites and targets cost.

    >>> costs_word("central_stale"), costs_word("autonomous_silo")
    ('costs', 'cost')
    """
    return "costs" if "centre" in level_words(level) else "cost"


def factor_words(name: str) -> str:
    """A factor's."""
    return FACTORS.get(name, name)
