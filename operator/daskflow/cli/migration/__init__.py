"""`daskflow migrate`: pure functions from what people have to manifests, and to what is said of the rest.

command           its options, and what it reads; options, what sources are told
sources           which source a text is of, and what all texts come to; text, how that is printed
leaves            an input as a tree that remembers what became of each leaf
  conversions                    a leaf as a value of ours
draft             a manifest in the making, from which is left out what would be refused
  component                      scheduler, workers, runner, and what they have in common
  pods, flows                    a PodSpec, a run's command
  commands, dask_options         what a command runs, and the options of a scheduler or worker
  networking, scaling            who may reach a cluster that stands by itself; adapt(…)
dask_kubernetes   objects of kubernetes.dask.org; cron_workflow, Argo's that creates one of them
helm_values       values of the chart dask/dask
jobqueue          dask-jobqueue's YAML, and arguments of its classes
compose_files/    a compose file
programs/         calls in a Python program
"""
