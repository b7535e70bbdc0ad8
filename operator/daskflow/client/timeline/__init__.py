"""When what of a run was so: a picture's model, and the picture.

spans            `timeline`: rows of spans, from a FlowRun, its pods and Events; pure
  model                          what comes out: plain data
  phases, pods                   of the run and its attempts; of a pod, also of one that is gone
  belonging, told, times         which objects are a run's; Events; timestamps of anybody
svg              the picture, by the standard library alone, for light and dark pages
  axis, style                    its ticks; its colours and rules
look             asks the API server for what `timeline` takes
"""
