"""Neural networks as policies: what they are made of, and how they act.

Imports the agent protocol alone.
"""
