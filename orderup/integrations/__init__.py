"""Other libraries' own words for our environments: each module is imported when it is asked for, and needs its library.

Imports everything.
"""
