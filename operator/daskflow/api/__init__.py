"""What users write and read: the custom resources as frozen models, the source of CRDs and reference.

flowrun          FlowRun's spec, made from
  flow, files                    what it runs, with which parameters and mounted files
  retries, quiet_hours, retention   when it is tried again, is not begun, and goes
  shared, resources              what it has in common with DaskCluster: image, pods, security; containers
  runner                         the pod of its flow
flowrun_status   FlowRun's status, the journal
flowrun_report   where a run's time and memory went: in its status, and as pods hand it over
report_timeline  who was busy when, as the short text in a report; report_hints, what could be better
daskcluster      DaskCluster, spec and status; workers, its groups of workers; standby, one that waits
flowschedule     FlowSchedule, spec and status
clusterpool      ClusterPool, spec and status; pool_use, a run that names one
reasons          the table of all reasons; reason_columns, what a row has
conditions       conditions, and times as text
names            the fixed words: group, kinds, labels, ports
model            the base of all models; quantities and numbers, what a field may hold; unchanging, what
                 stays as it was created
defaults         what a platform gave, in a status
legible          whether a status can be read; invalid_spec, what to say of a spec that cannot
remembered       each spec and status is read once
wording          numbers and others' words in sentences; exceeded_quota, what a quota refuses in amounts
dask_kubernetes  the kinds of dask-kubernetes, which are served where the chart says so
yaml_text        YAML as kubectl reads it, and as strangers may write it
crd, reference   make `crds/` and pages of docs: `make crds`
"""
