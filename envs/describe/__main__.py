"""`python -m orderup.envs.describe`, which is `orderup describe`."""

from orderup.cli import run
from orderup.commands.describe import main

run(main)
