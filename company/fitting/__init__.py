"""What the past tells of the future: families of demand, seasons, correlation, classes. May import `cleaning` and below."""
