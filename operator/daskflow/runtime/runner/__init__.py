"""The runner's pod: its first process, and the flow's."""
