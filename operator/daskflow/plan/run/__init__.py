"""The life of a FlowRun."""
