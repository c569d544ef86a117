"""Sales put together to periods: returns, duplicates, gaps, launches, ends, each by its key. May import `record` and below."""
