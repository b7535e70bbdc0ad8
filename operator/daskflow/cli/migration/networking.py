"""Who may reach a cluster that stands by itself."""

from daskflow.cli.migration.draft import Draft

CLUSTER_IP = "but the scheduler's Service is a ClusterIP; use daskflow connect, or kubectl port-forward"
OWN_POD = "run it in a pod of its own, with daskflow.Cluster: docs/clients.md"


def let_in(draft: Draft) -> None:
    """Clients of the namespace may connect, as they could."""
    draft.put(("security", "networkPolicy", "clients"), [{"podSelector": {}}])
    draft.book.say(
        "clients in pods of the namespace connect by TLS, with daskflow.Cluster or the cluster's Secret: "
        "docs/clients.md",
        lost=False,
    )
