"""Flows of Prefect 1 and 3."""
