"""What all that learn have in common: the task, the journal they report to, what comes of it. Imports `networks`."""
