"""The life of a FlowRun: POLICIES in `life`, of which each stands in the module of its name.

life             the policies, from top to bottom; view is what they look at, status what they write
attempts         an attempt is opened and closed in status, the journal; end is how it ended
start            what an attempt needs is made
  claim                          or had waited for it; fit, why not; adoption, its runner; lost_claim
  cluster_use, cluster_ref       on its own cluster, or on another that is there
  alone                          without a scheduler of its own
  name_conflict                  a child's name is taken
progress         it runs: task_counts is `status.progress`, skew pods with different software
resizing         other numbers of workers
outcome          how the open attempt ended
  attempt_end                    by what the flow said, or what became of its pods
  interruption                   because somebody deleted or suspended what it runs on
  unreachable                    or nobody knows, since a node does not answer
  run_report                     where its time and memory went; cost, by the installation's prices
stopping         it is to end: cancelled, past one of the deadlines, or for a suspension
retries          after a failure: whether, when, charged to what
defaults         no attempt is opened with defaults that cannot be understood
quiet_hours      no attempt is opened within
diagnosis        why pods do not start
leftovers        what closed attempts left behind
retention        what stays after the end, and for how long
mending          children, and hand_edits statuses, that somebody edited by hand
"""
