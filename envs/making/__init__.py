"""Who gets what of what recipes need: hours of machines, and parts that they share with each other and with other sites.

Imports `flows` and what is below it. Recipes themselves are in `flows`, since orders follow them.
"""
