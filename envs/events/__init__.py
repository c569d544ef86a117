"""What happens to a network beside demand: the keys of disruptions, prices, shifts, promotions; when they are on.

Imports `demand` and what is below it.
"""
