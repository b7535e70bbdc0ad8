"""What is loaded into Dask's workers, and how a process becomes one.

command        Dask's command line
preload        what Dask loads: how this worker goes, and what it says then
  handover     its tasks and data, before it goes
  claimed      where the code of the run is that has claimed a waiting cluster
  use          memory and bytes, with each heartbeat
nanny_preload  in process 1 of a worker with a nanny
guest          the same as preload in a worker that a user's own command has started

May import `clusters`, since tasks, too, are code of users that asks for a cluster; and what lies beside the
rooms.
"""
