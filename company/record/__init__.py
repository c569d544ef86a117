"""What was sold, row by row, and every decision on the way from a file to it. May import `tables` and below."""
