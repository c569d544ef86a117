"""What a company's records say of today: stock, debts, goods under way, what was sold and ordered, as tables.

Tables become states that the simulator starts from, and the simulator's states become such tables. Imports `physics`, whose
states they are, `network`, whose places they name, and what is below them.
"""
