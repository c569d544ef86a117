"""Jobs carried out on this machine's processes or a cluster, with their progress. Imports nothing else of `evaluation`."""
