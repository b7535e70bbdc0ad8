"""Rows of tables: pure functions of objects as the API server has them, and of the time.

`runs`, `clusters`, `schedules`, `pools` and `pods` are a kind each; `ages` are times as people read them.
"""
