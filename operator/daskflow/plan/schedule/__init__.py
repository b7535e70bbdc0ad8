"""The life of a FlowSchedule."""
