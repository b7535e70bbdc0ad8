"""Flows of Prefect 1 and 3, with their tasks on the run's cluster.

first_look     is there any in the image?
detection      before the flow's process is made: what is in the image, and spoken of in the flow
import_hook    when the flow's code imports Prefect that nobody has heard of
server         the API server of Prefect 3, a process in the runner's pod
one            flows of Prefect 1
engine         in the process where `prefect flow-run execute` runs a flow: patches, and code for workers
  sent_code                  what of a pull step's folder workers have, version by version
  engine_states              the end of that flow, told to the supervisor at once
three          flows of Prefect 3: recognised, run, and what they come to
  three_prepare              Prefect 3 patched, and imported early on the cluster
  three_cluster              its tasks go to the run's cluster
  three_failures             which task runs failed
  three_unread_futures       a failure that the flow never looked at fails it
  three_states               states and the data in them

Imports no other room: only what lies beside them.
"""
