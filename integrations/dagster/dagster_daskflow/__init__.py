"""Runs steps of Dagster as FlowRuns of daskflow."""
