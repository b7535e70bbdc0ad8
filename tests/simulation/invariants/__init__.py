"""What must hold: of each kind at every step, and of all when everything has ended."""
