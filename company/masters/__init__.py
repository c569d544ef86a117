"""The other files of a company: sites, lanes, stock, receipts, costs, reorder rules. May import `record` and below."""
