"""The runner's pod: the supervisor, which is its process 1, and the flow's own process.

supervisor     starts the flow when the scheduler says so, and tells what came of it
  lease_keeper, external_scheduler   await the run's own scheduler, or another that is there already
  keepers, parked_keeper, parking    of a runner that is made before its run: it waits for one
  control_client                     what is said to the scheduler's control listener
  hand_over, keep_tasks              the outcome, for a report; where the record of each task is to lie
  flow_process, oom                  the flow's process as its parent sees it
flow_main      the flow's process itself
  run_flow, entrypoints, recognise   find the flow, recognise and run it
  resolving, lazy_values, result     what it returned, run to its end, as JSON
  outcome_record                     what the flow came to
  fire_and_forget, nanny_plugins     what Dask does otherwise than users expect in a run
execute          a command that executes a flow run of a Prefect server, and what came of that
command_preload  in the processes of a command: loaded by Dask's client

May import `prefect`, `clusters` and `local`, and what lies beside the rooms.
"""
