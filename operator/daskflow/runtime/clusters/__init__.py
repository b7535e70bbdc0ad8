"""What flows get when they ask for a cluster."""
