"""`orderup describe`: the level of autonomy on one page."""

from __future__ import annotations

from orderup.cli import asks_help, parse, usage
from orderup.envs.describe.describe import Describe, described, show
from orderup.envs.foundation.invocation import command_line
from orderup.envs.foundation.terminal import say
from orderup.envs.foundation.validation import validated
from orderup.face import remarks

EXAMPLES = (
    "scenario=owmr autonomy=hybrid_soe",
    "scenario=owmr autonomy=hybrid_soe autonomy.band=2 agent=store_3,planner_0",
    "scenario=reference autonomy=federated format=csv full=true",
)


def main(arguments: list[str]) -> None:
    """Describe what each job asks for; several only with -m."""
    if asks_help(arguments):
        print(usage(Describe, [f"{command_line('describe')} {keys}" for keys in EXAMPLES]))
        return
    pages = [described(validated(Describe, job), remarks) for job in parse(arguments, together=("agent",))]
    for page in pages:
        if isinstance(page, str):
            say(page)
        else:
            show(page)
