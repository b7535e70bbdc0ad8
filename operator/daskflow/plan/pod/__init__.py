"""A pod as the lives of run and cluster look at it: what it says, why it does not start, how it ends."""
