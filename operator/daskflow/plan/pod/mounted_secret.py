"""A Secret of ours that pods wait for in vain is made once more: somebody may have deleted it.

The operator may not read Secrets, and asks for one again with pods that are made; those that were made
before, and whose volumes were not set up by then, would wait for it for ever.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from daskflow.manifests.common_pod import mounted_secret
from daskflow.plan.model import Key, Object, Observed, Plan
from daskflow.plan.pod.pod import Pod
from daskflow.plan.pod.volumes_and_network import LONG, unset_since


def made_again(
    pods: Iterable[Pod], key: Key, secret: Callable[[], Object], seen: Observed, now: datetime
) -> Plan:
    """For those of the pods that mount the Secret of this key. While they wait it is asked for now and then,
    as what they lack may be something else."""
    since = (unset_since(pod) for pod in pods if not pod.told_to_end and mounted_secret(pod.raw) == key.name)
    due = min((at for at in since if at is not None), default=None)
    if due is None:
        return Plan()
    if now < due + LONG:
        return Plan(requeue_at=due + LONG)
    refused = any(each.key == key and not each.retry for each in seen.refusals)
    return Plan(requeue_at=now + LONG) if refused or key in seen.created else Plan(creates=(secret(),))
