"""Training by command: one run, several seeds, tuning; progress, resuming, the final evaluation. Imports `runs`."""
