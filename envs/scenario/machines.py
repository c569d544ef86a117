"""Machines, and what a lane that makes goods says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from ..foundation.errors import InputError
from ..foundation.validation import Keys

OF_MAKING = ("at", "uses", "co_products", "machine", "hours", "setup_hours")
"""Keys that only a lane with `make` has."""
NOT_OF_MAKING = ("from", "to", "source", "destination", "products")
"""Keys that such a lane is given by its site and its product."""


class ExtraHours(Keys):
    """Overtime: used as far as the regular hours do not suffice."""

    hours: float = Field(gt=0, description="Beyond the regular ones of a period [hours]")
    cost: float = Field(ge=0, description="Of each that is used [money/hour]")


class Machine(Keys):
    """Something at a site that recipes take hours of."""

    hours: float = Field(gt=0, description="That it runs in a period, set-ups included [hours]")
    overtime: ExtraHours | None = Field(None, description="More hours, at a cost; left out: none")

    @property
    def most(self) -> float:
        """Hours of a period, overtime included."""
        return self.hours + (self.overtime.hours if self.overtime is not None else 0.0)


def said_of_making(given: Any) -> Any:
    """The keys of a lane, with what follows from `make` and `at`. Raises InputError for keys that contradict each other."""
    if not isinstance(given, Mapping):
        return given
    if given.get("make") is None:
        for key in OF_MAKING:
            if given.get(key):
                raise InputError(key, given[key], "nothing on a lane that brings goods; or what it makes of them, as `make`")
        return given
    site = given.get("at")
    for key, accepted in (("make", "the name of a product"), ("at", "the name of the site where it is made")):
        if not isinstance(given.get(key), str):
            raise InputError(key, given.get(key, "nothing"), accepted)
    implied = {"from": site, "source": site, "to": site, "destination": site, "products": [given["make"]]}
    for key in NOT_OF_MAKING:
        if given.get(key) not in (None, implied[key]):
            raise InputError(key, given[key], "nothing on a lane that makes goods: these stay `at` one site")
    rest = {key: value for key, value in given.items() if key not in NOT_OF_MAKING}
    return {**rest, "from": site, "to": site, "products": [given["make"]]}
