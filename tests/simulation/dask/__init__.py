"""What runs in the simulated pods, as far as the operator can see it."""
