"""`orderup evaluate` from a checkout: `python evaluate.py --help`."""

from orderup.cli import run
from orderup.commands.evaluate import main

if __name__ == "__main__":
    run(main)
