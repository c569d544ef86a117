"""`orderup train` from a checkout: `python train.py --help`."""

from orderup.cli import run
from orderup.commands.train import main

if __name__ == "__main__":
    run(main)
