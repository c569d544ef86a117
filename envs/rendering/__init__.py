"""Pictures of a network under way. Imports `simulator` and what is below it."""
