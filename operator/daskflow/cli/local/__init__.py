"""`daskflow local`: the processes of pods, on this machine.

command          its options, and what it comes to
manifest         the FlowRun that it is given, and the ConfigMap with its files
  validation                     what the API server would refuse, cel what its rules come to
  unused_fields                  what has no meaning here
machine          as much of the cluster as fits
attempt          its processes, from start to end
  environment, workers           what they are told; as many as were started
progress         how far it is; display, what a person sees of it
outcome          what came of it, as in a FlowRun's status
report           where time and memory went, for --report
"""
