"""In which order orders are worked out, in plain Python: raise whoever comes too early until nobody does."""

from __future__ import annotations

from orderup.envs.scenario.scenario import Lane, Scenario


def echelons(scenario: Scenario) -> dict[str, int]:
    """How far each site is above the customers: it orders after all sites that it supplies."""
    above = dict.fromkeys(scenario.sites, 0)
    supplies = [(lane.source, lane.destination) for lane in scenario.lanes if not lane.lateral and lane.at is None]
    return raised(above, [(source, to) for source, to in supplies if source in above])


def turns(scenario: Scenario) -> dict[tuple[str, str], int]:
    """In which of its site's turns each product is ordered: what is made before its parts, what is only bought last.

    What nothing is made of and nobody makes there comes by lanes that may bring parts as well; it waits for the last of these.
    """
    found: dict[tuple[str, str], int] = {}
    for site in scenario.sites:
        here = [lane for lane in scenario.lanes if lane.at == site]
        above = raised(dict.fromkeys(scenario.products, 0), [(part, str(lane.make)) for lane in here for part in lane.uses])
        made, parts = {str(lane.make) for lane in here}, {part for lane in here for part in lane.uses}
        turn = {product: above[product] if product in made else max(above.values()) for product in made | parts}
        for product in scenario.products:
            ways = [lane for lane in scenario.lanes if lane.destination == site and not lane.lateral]
            mates = {mate for lane in ways if product in brought(scenario, lane) for mate in brought(scenario, lane)}
            found[site, product] = turn.get(product, max((turn.get(mate, 0) for mate in mates), default=0))
    return found


def brought(scenario: Scenario, lane: Lane) -> list[str]:
    """What is ordered by a lane."""
    return [str(lane.make)] if lane.at is not None else list(lane.products or scenario.products)


def raised(height: dict[str, int], pairs: list[tuple[str, str]]) -> dict[str, int]:
    """The least heights at which the first of each pair is above the second."""
    found = dict(height)
    while low := [(upper, lower) for upper, lower in pairs if found[upper] <= found[lower]]:
        for upper, lower in low:
            found[upper] = max(found[upper], found[lower] + 1)
    return found
