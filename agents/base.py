"""What an agent is: fields that are its YAML keys, and the two methods of a policy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from orderup.envs.errors import InputError
from orderup.envs.information import Information
from orderup.envs.policy import Context, Decision
from orderup.envs.registry import Registry
from orderup.envs.validation import Keys, validated


class Agent(Keys):
    """Someone who can fill seats. A subclass is registered with `@agents.register("name")`; its fields are its keys.

    What it works out in `reset` it keeps in private attributes; letters as in orderup.envs.policy.
    """

    costly: ClassVar[bool] = False
    """Whether each decision is so much work that a league lets it play few of the traces."""

    by_lot: ClassVar[bool] = False
    """Whether it draws what it wants, whatever it sees, so that its orders tell nothing of what it has noticed."""

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


def make_agent(given: Any, key: str = "agent") -> Agent:
    """An agent from its name (or `package.module:Class`), its keys with `type`, itself, or a policy from elsewhere.

    What that may be says `orderup.agents.adapter`. Raises InputError.
    """
    if isinstance(given, Agent):
        return given
    if not isinstance(given, (str, Mapping)):
        from .adapter import adapted, is_policy

        if is_policy(given):
            return adapted(given)
    if isinstance(given, str):
        given = {"type": given}
    if not (isinstance(given, Mapping) and isinstance(given.get("type"), str)):
        beside = "; further keys beside it: agent=<name> agent.<key>=…" if isinstance(given, Mapping) else ""
        raise InputError(key, given, f"one of {', '.join(agents)}, package.module:Class, or a mapping with `type`{beside}")
    fields = {name: value for name, value in given.items() if name != "type"}
    return validated(agents.find(given["type"], key), fields, key)


def inner_agent(given: Any) -> Agent:
    """One that stands below a key of another, which the complaint is then behind."""
    try:
        return make_agent(given)
    except InputError as error:
        raise error.moved("agent", "") from None


def list_agents() -> list[str]:
    """Names of the agents that come with the project."""
    return list(agents)
