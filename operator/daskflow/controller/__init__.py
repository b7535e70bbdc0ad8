"""The only room with side effects: it watches, plans what changed, and applies the plan.

`main` begins and ends the process, `parts` wires it, `queue` says which key is reconciled next, `reconcile`
plans and applies until nothing is left to do, `apply` and `writes` are where a Plan meets the API. `fairness`
has namespaces take turns, `lease` is who of several operators leads, and `leading` what the others leave
undone. `clock` is the time that plans are given, `settings` what the chart sets, `installed_defaults` what of
it is given to runs, `logs` how lines look, `dask_kubernetes`
whether its kinds can be served here. `metrics` counts, `health` judges, and `probes` tells Prometheus
and the kubelet. Below them are three rooms, and nothing in those knows of anything here: `schedulers` →
`known` → `kubernetes`.
"""
