"""What talks with the API server for a user: the SDK, and what the command builds on.

connection       who is asked, and as whom
  kubeconfig                     which cluster is meant
  api_server                     kr8s' client; kinds, where objects lie in it
  answers                        refusals, each in a sentence
  field_manager                  whose request has made an object
run              a FlowRun in a program's hands, async; sync, the same without `await`
  known_run                      what both know of it
  watching, logs                 what happens to it, and what its pods say
submitting       what was given as the object to create, and its code
  manifest                       a FlowRun from an object, YAML or an entrypoint
  models                         a FlowRun in Python, of the operator's own models
near_names       those like one that does not exist
names            those that can be one at all
checks           what is wrong with a manifest, before it is sent
code             a project's own files, which go along with a run
tunnel           a pod's port on this machine
timeline         when what of a run was so: spans, and their picture
report           where time and memory of a run went: figures, pictures, words, and what became slower
plain_text       words of strangers, which can do no more than be read
notebook         a run as a notebook shows it
errors           what may go wrong

Nothing here knows the controller. kr8s and httpx are imported when they are first needed.
"""
