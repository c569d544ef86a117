"""Several policies on the same traces: differences, ladders, prices of autonomy, headline, hypotheses. Imports `running`."""
