"""One policy at one level on held-out traces: who, how, and what comes of it. Imports `measures`."""
