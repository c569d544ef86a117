"""How demand files are laid out: one class for each program or data set that has them. May import `record` and below."""
