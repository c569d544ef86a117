"""The problem: networks, demand and its disruptions, the simulator, and what each decision maker may know and do."""
