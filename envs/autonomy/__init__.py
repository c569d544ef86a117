"""The level of autonomy: who knows what, who decides what, how often, how late, and what each authority does with decisions.

Imports `physics`, by which decisions become orders, `network`, whose places a purview names, and what is below them.
"""
