"""What some networks have and others do not: each a file, None in a network without it, so that it costs nothing there."""
