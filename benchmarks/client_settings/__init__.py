"""How users of each library set it up before they come to our environments, as `benchmarks.clients` does."""
