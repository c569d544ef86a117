"""What a policy can know: `python benchmarks/information.py` writes docs/information.md from the fields themselves."""

from __future__ import annotations

from pathlib import Path

from orderup.envs.catalogue import load_scenario
from orderup.envs.foundation.files import write_text
from orderup.envs.information.fields import FIELDS, Field
from orderup.envs.network.building import build

PAGE = Path(__file__).resolve().parent.parent / "docs" / "information.md"
EXAMPLE = "reference"
HEAD = """# What a policy can know

Whoever decides asks `information` by name, and learners' observations are made of the same fields. `information.own(name)` is a
field of the seat's own site, as it is now; `information.everywhere(name)` is that of all sites, as old and as noisy as the
level's feed, and is refused below the visibility `shared`. Both are (batch, sites, width, products); or, with `summed=True`
and where the width is one, (batch, sites, products). A level that does not give a field refuses it by name.

`env.observation_table(agent)` says the same of every number of a learner's observation, `orderup describe
scenario=<name> autonomy=<level>` of a scenario. The widths below are those of a site in the scenario `reference`; one of 0 says
that nothing happens there that the field could tell of: it is empty there, and not in observations. This page is written from
the fields by `python benchmarks/information.py`.
"""
TAIL = """## Sales and demand

Where customers who are not served are lost (`unmet: lost`), nobody writes down what they asked for. `demand` is then what they
got off the shelf of their site, summed over its segments, and `stockout` says whether that may not have been all; a scenario
says otherwise with `observes: demand`. Demand beyond sales changes no observation at any level, and nothing that `information`
gives; `env.state()`, for a centralised critic in training, is made of the same fields and shows no more. Customers who wait
are owed what they did not get, so that sales and `backlog` tell their demand, and `observes: sales` is refused for them. What
customers who spilled over got elsewhere is in no site's `demand`, but in the stock of the site that served them. Recorded
demand, promotions and goodwill work on demand, of which sales are seen. The scenario itself, its processes and their means, is
known to everybody.

Rewards, costs in `infos`, results and pictures are by all demand: they are for training, the judge and whoever watches. [Sales
are not demand](explanation/sales.md) has what agents make of sales.
"""
CLASSES = {
    "silo": "Every site of itself",
    "neighbours": "Beside that, of direct suppliers and internal customers",
    "shared": "Beside that, of all sites",
    "integrated": "Beside that, of outside suppliers and announced events",
}


def page() -> str:
    """The whole of docs/information.md."""
    parts = [HEAD]
    for visibility, meaning in CLASSES.items():
        found = [field for field in FIELDS.values() if field.visibility == visibility]
        if found:
            rows = [["field", "meaning", "unit", "of", "width", "what else"], ["---"] * 6, *map(_row, found)]
            table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
            parts += [f"## {meaning}: from `{visibility}` on", "", table, ""]
    return "\n".join([*parts, TAIL])


def _row(field: Field) -> list[str]:
    labels = field.labels(build(load_scenario(EXAMPLE)))
    also = [
        *(["a parameter, the same in every period"] if field.constant else []),
        *(["blurred by a noisy feed"] if field.noisy else []),
        *(["never passed on"] if field.private else []),
    ]
    return [
        f"`{field.name}`",
        field.meaning.replace("|", "\\|"),
        field.unit,
        f"the {field.owner}",
        str(len(labels)),
        "; ".join(also),
    ]


if __name__ == "__main__":
    write_text(PAGE, page())
    print(f"Written: {PAGE}")
