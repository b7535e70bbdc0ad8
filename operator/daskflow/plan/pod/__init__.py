"""A pod as the lives of run and cluster look at it: what it says, why it does not start, how it ends.

pod              one pod; pods, several together
last_words       its termination message, checked before it is believed
init_containers  what comes before our container
obstacles        why it does not run
  placing                        it has no node
  volumes_and_network            it has one, and lacks what comes before containers
mounted_secret  ours, which it waits for in vain, is made once more
nodes            it was told to go, and its node does not answer
termination      it is asked to end, and at last deleted
"""
