"""One policy at one autonomy level on held-out traces: who, how, and what comes of it. Imports `measures`."""
