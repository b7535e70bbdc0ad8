"""The same processes on one machine."""
