"""What is counted while a policy plays, and the key figures made of it. Imports `statistics`."""
