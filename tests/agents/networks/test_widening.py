"""Networks that are made to read more: at first they decide as before, whatever they are made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from orderup.agents.networks.embedding import places
from orderup.agents.networks.network_policy import NetworkPolicy, observation_layout
from orderup.agents.networks.widening import widened
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.view import ObservationView
from orderup.envs.simulator import Simulator

from .test_network_policy import KINDS, TWO_PRODUCTS, played, policy_for


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_widened_network_orders_to_the_last_unit_what_it_ordered_before(kind: str) -> None:
    narrow = policy_for(TWO_PRODUCTS, **KINDS[kind])
    context = Simulator(TWO_PRODUCTS, "autonomous_shared").context()
    layout = observation_layout(ObservationView(context).observer)
    spec = narrow.spec.model_copy(update={"observation": layout})
    assert len(layout) > len(narrow.spec.observation)
    wide = NetworkPolicy(spec, widened(narrow.spec, narrow.tensors, spec, places(context)))
    orders, costs = played(narrow, TWO_PRODUCTS)
    their_orders, their_costs = played(wide, TWO_PRODUCTS, "autonomous_shared")
    np.testing.assert_allclose(their_orders, orders, rtol=1e-5, atol=1e-4)  # sums of more numbers are rounded elsewhere
    np.testing.assert_allclose(their_costs, costs, rtol=1e-5)
    assert orders.std() > 0


def test_products_that_stand_in_another_order_are_refused() -> None:
    spec = policy_for(TWO_PRODUCTS, products=2).spec
    changed: Any = np.arange(len(spec.observation))[::-1].copy()
    with pytest.raises(InputError, match="in another order"):
        widened(spec, {}, spec, changed)
