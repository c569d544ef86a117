"""What changes in the world during an episode, all of it part of the trace: failures, prices, shifts of demand, promotions."""
