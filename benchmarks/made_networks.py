"""Random networks in which goods are made, held to laws and the plain model: `python -m benchmarks.made_networks [2000]`.

Every second one has every mechanism there is, the others some of them beside recipes and machines. Of each: whether a law is
broken; whether the plain model comes to something else; whether a row of a batch is another than a lone run, to the bit; and
whether PyTorch comes to something else than NumPy. What fails is printed with the seed that makes the network again.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Callable

import numpy as np

from orderup.envs.foundation.validation import validated
from orderup.envs.scenario.scenario import Scenario
from tests.envs.networks import FORMS, MECHANISMS, Case, decision_maker, simulator_of, written
from tests.envs.numerics.test_backends import numpy_and_pytorch_agree
from tests.envs.physics.test_batch import history, lone
from tests.envs.physics.test_conservation import obeys_every_law
from tests.envs.physics.test_plain_model import does_what_the_plain_model_does
from tests.envs.workshops import WORKSHOPS


def case_of(seed: int) -> Case:
    """The network of a seed: up to eight sites, and up to five products, so that recipes stand above each other."""
    rng = random.Random(f"made {seed}")
    chosen = frozenset(MECHANISMS if seed % 2 else [name for name in MECHANISMS if name in WORKSHOPS or rng.random() < 0.5])
    keys = written(seed, rng.randint(1, 8), rng.randint(2, 5), chosen)
    return Case(validated(Scenario, keys), chosen, rng.choice(FORMS), seed)


def a_row_is_a_lone_run(case: Case) -> None:
    """To the bit, observations included."""
    episodes = np.array([4, 3, 7])
    network = simulator_of(case)[0].numpy_network
    decide = decision_maker(network, len(episodes), case.form, case.seed)
    decisions = [decide() for _ in range(case.scenario.horizon)]
    together = history(case, "shared", episodes, decisions)
    alone = history(case, "shared", episodes[1:2], [lone(decision, 1) for decision in decisions])
    assert alone[0] == together[1]


CHECKS: tuple[Callable[[Case], None], ...] = (
    obeys_every_law,
    does_what_the_plain_model_does,
    a_row_is_a_lone_run,
    numpy_and_pytorch_agree,
)


def main() -> None:
    """Check them, and say how many failed what."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("networks", nargs="?", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0, help="seed of the first one")
    asked = parser.parse_args()
    seen = Counter[str]()
    for seed in range(asked.first, asked.first + asked.networks):
        case = case_of(seed)
        made = [lane for lane in case.scenario.lanes if lane.makes]
        seen.update({"recipes": len(made), "networks with them": bool(made), "on machines": sum(bool(x.machine) for x in made)})
        for check in CHECKS:
            try:
                check(case)
            except AssertionError as error:
                seen[f"failed {check.__name__}"] += 1
                print(seed, check.__name__, str(error).strip(), flush=True)
        if (seed - asked.first) % 100 == 99:
            print(f"{seed - asked.first + 1} looked at", flush=True)
    print(f"{asked.networks} networks:", ", ".join(f"{count} {what}" for what, count in seen.items()))
    print("Every check held." if not any(what.startswith("failed") for what in seen) else "")


if __name__ == "__main__":
    main()
