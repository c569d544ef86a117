"""What an agent is: fields that are its YAML keys, and the two methods of a policy."""

from __future__ import annotations

from typing import ClassVar

from orderup.envs.foundation.registry import Registry
from orderup.envs.foundation.validation import Keys
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision


class Agent(Keys):
    """Someone who can fill seats. A subclass is registered with `@agents.register("name")`; its fields are its keys.

    What it works out in `reset` it keeps in private attributes; letters as in orderup.envs.information.policy.
    """

    costly: ClassVar[bool] = False
    """Whether each decision is so much work that a league lets it play few of the traces."""

    by_lot: ClassVar[bool] = False
    """Whether it draws what it wants, whatever it sees, so that its orders tell nothing of what it has noticed."""

    @property
    def weights(self) -> str | None:
        """The hash of weights that come with the project and decide beside its keys; with others, results are others."""
        return None

    @property
    def called(self) -> str:
        """Its name in tables."""
        return agents.name_of(type(self))

    def reset(self, context: Context) -> None:
        """Begin a batch of episodes. Raises InputError when the agent cannot act in this context."""

    def act(self, information: Information) -> Decision:
        """Decide for this period."""
        raise NotImplementedError

    def caveats(self, context: Context) -> tuple[str, ...]:
        """What its numbers leave out of account here, a clause each: "its levels ignore the capacity of supplier_b".

        Asked once a batch has been played in this context; shown beside the results.
        """
        return ()


agents: Registry[Agent] = Registry("agent", Agent)
