"""A scenario put together of what files tell and what is assumed, and its text. May import `fitting`, `masters` and below."""
