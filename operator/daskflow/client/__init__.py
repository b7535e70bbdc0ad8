"""What talks with the API server for a user: the SDK, and what the command builds on.

`connection.py` is who is asked and as whom, `run.py` a FlowRun in a program's hands, `sync.py` the same
without `await`. Nothing here knows the controller. kr8s and httpx are imported when they are first needed.
"""
