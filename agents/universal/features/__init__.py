"""What the network for every network is told, before an episode and in every period. Imports `levels`."""
