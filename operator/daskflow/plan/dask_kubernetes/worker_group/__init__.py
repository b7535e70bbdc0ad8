"""The life of a DaskWorkerGroup of dask-kubernetes, looked at as a whole each time.

life       what is to happen with it
view       what is there of it
workers    missing ones are made, those that are too many retire
status     what people and autoscalers read
"""
