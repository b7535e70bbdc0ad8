"""The talk with Dask schedulers: who is asked, how often, and what is said both ways.

polling          begins and ends conversations; targets, whom to ask
conversation     with one scheduler; what follows an error
  wire                           what is sent and read, bounded
  tls                            the certificate that is shown, and whose is taken
  answers                        what an answer says, typed and checked
  pacing                         how often it is asked, and how long after an error
  reporting                      what of it the store hears, and when a scheduler counts as lost
questions        what schedulers are asked that have no listener of ours
  dask_rpc                       what any Dask scheduler can be asked, where its pod has no listener of ours
  identity                       what it says of its workers
  retiring                       which of their workers go, and when
scale_orders     what schedulers are to know of their workers
tells            single words to them, for `apply`
  sent_code                      the code that goes along with one

It reads from `known` whom to ask, and puts there what it hears. Of the controller's rooms it imports `known`
and `kubernetes` only; no plan and no write is made here.
"""
