"""Runs tasks of Airflow as FlowRuns of daskflow.

- `operators`: `DaskflowRunOperator`, a task that is a FlowRun.
- `triggers`: waits for a run's end in the triggerer.
- `sensors`: `DaskflowRunSensor`, which waits for a run that somebody else made.
- `decorators`: `@task.daskflow`, a function that is a run; `sent_functions`: what is sent of it.
- `links`: the button of a task that leads to its run.
- `hook`: what is asked of the API server, and what is done when it does not answer.
- `waiting`: waits in the task's own process, and has the outcome there.
- `runner_log`: the log of a run's runner, line by line.
- `task_try`: which task a run belongs to: its name, labels, and which run a try goes on with.
- `manifest`: a FlowRun from an operator's arguments, and what is wrong with them.
- `outcome`: how a run ended, and which exception that is.
- `flowrun`: a FlowRun's spec and status as models, made from its definition.
- `provider`: what Airflow is told of all this.
"""
