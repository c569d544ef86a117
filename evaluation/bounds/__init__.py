"""What no policy can cost less than: exact optima, decomposition, hindsight. Imports `comparison`."""
