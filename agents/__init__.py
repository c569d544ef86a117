"""The solutions: policies for a site or for the centre, from textbook rules to learned ones."""
