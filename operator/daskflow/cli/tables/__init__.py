"""Rows of tables: pure functions of objects as the API server has them, and of the time."""
