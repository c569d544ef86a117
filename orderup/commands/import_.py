"""`orderup import`: a network from a company's files."""

from __future__ import annotations

from orderup.cli import asks_help
from orderup.company.command import carry_out
from orderup.company.keys import Import
from orderup.envs.foundation.invocation import command_line
from orderup.envs.foundation.validation import validated
from orderup.options import options, usage

EXAMPLES = (
    "--demand sales.csv --period week -o network.yaml",
    "--demand sales.xlsx --sites sites.csv --lanes lanes.csv --receipts receipts.csv --costs costs.csv -o network.yaml",
    "--demand moves.csv --layout odoo --returns drop --strict",
    "--demand sales.csv --columns.demand.quantity Absatz --dates day_first --service '{A: 0.98, B: 0.95, C: 0.9}' -o n.yaml",
)


def main(arguments: list[str]) -> int:
    """Import what the options ask for."""
    if asks_help(arguments):
        print(usage(Import, [f"{command_line('import')} {example}" for example in EXAMPLES]))
        return 0
    carry_out(validated(Import, options(arguments, Import, {"-o": "output"})))
    return 0
