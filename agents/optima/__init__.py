"""The exact optimum as an agent: where one is known, and the rule that each solver makes. Imports `levels` and `exact`."""
