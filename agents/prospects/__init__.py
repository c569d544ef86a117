"""What planners expect of prices, lanes and limits, by what they may see of events. Imports no other room."""
