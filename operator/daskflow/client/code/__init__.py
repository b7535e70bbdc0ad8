"""A project's own files on their way into a run: which they are, what of them is secret, how they travel."""
