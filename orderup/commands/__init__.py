"""What `orderup train`, `orderup evaluate` and `orderup describe` do, each in a module; the top of the house, imports all."""
