"""What fits into a store that takes no more, and what is impossible there."""

from __future__ import annotations

from collections.abc import Iterator

from ..demand.base import per_product
from ..foundation.errors import InputError
from .blocks import Site
from .scenario_keys import ScenarioKeys

ROUNDING = 1e-9
"""Share by which stock at the start may exceed what fits, as sums of floating-point numbers do."""


def fits(site: Site) -> float | None:
    """The most that is ever on a site's shelf [volume]; None for any amount."""
    return site.storage if site.storage_hard else None


def check_storage(scenario: ScenarioKeys) -> None:
    """Refuse hard storage that cannot be kept. Raises InputError with the key, what was found and what would be accepted."""
    for problem in _problems(scenario):
        raise problem


def _problems(scenario: ScenarioKeys) -> Iterator[InputError]:
    for name, site in scenario.sites.items():
        if site.storage_full != "waits" and not site.storage_hard:
            yield InputError(f"sites.{name}.storage_full", site.storage_full, "waits, or a site with storage_hard: true")
        if site.storage_hard:
            yield from _site_problems(scenario, name, site)
    for number, entry in enumerate(scenario.returns):
        if scenario.sites[entry.gains].storage_hard:
            found = f"{entry.gains}, which may be full"
            yield InputError(f"returns[{number}].to", found, "a site without `storage_hard`: what comes back is taken in")


def _site_problems(scenario: ScenarioKeys, name: str, site: Site) -> Iterator[InputError]:
    key = f"sites.{name}"
    if site.storage is None:
        yield InputError(f"{key}.storage_hard", "a site without storage", "one whose `storage` says how much fits")
    elif site.overflow and site.storage_full != "charged":
        yield InputError(f"{key}.overflow", site.overflow, "0 where storage is hard and nothing is charged")
    elif site.initial is not None:
        volume, stock = (per_product(value, scenario.products) for value in (scenario.volume, site.initial))
        if (size := float(volume @ stock)) > site.storage * (1 + ROUNDING):
            yield InputError(
                f"{key}.initial", f"a volume of {size:g}", f"at most {site.storage:g}, which its hard storage takes"
            )
