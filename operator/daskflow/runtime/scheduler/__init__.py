"""What is loaded into Dask's scheduler, and how a process becomes one.

command        Dask's command line
preload        what Dask loads: answers requests, looks once a second, ends the cluster
  control_listener           the HTTP server that runner and operator talk to
  version, peers             what it tells the operator, and when
  lifetime, unused           lease, idle time and time without a client: when it is over
  standby                    of a cluster that waits for a run: which one has it
  hooks                      what Dask calls, for all of those below
  task_counts, obstacles     progress, and what is in its way
  reports, report            where time and memory of a run go, by prefix
    workers_use, timeline    what was paid for and used; when
    runs_tasks               whose a task is, where runs share a cluster
    task_log                 the record of each task, where that is asked for
  scaling                    keeps to the operator's orders about worker_groups
    open_tasks, demand       how many workers are wanted
    retirement               which workers go, and their way out
guest          the same in a scheduler that a user's own command has started; listeners, the ways into it

Imports no other room: only what lies beside them.
"""
