"""Today's orders: what a policy orders from a state that is on record, why, and what has to wait for whom.

Imports `running`, by which policies are named, `tables`, and `page`, whose head and style its own page has.
"""
