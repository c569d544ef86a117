"""The judge: the same held-out demand for every policy, paired differences, intervals and the report."""
