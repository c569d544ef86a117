"""`python -m orderup.envs.describe`."""

from orderup.cli import run

from .describe import main

run(main)
