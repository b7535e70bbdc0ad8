"""What a program or a command line says of a cluster, as a manifest."""

from daskflow.api.daskcluster import DaskClusterSpec
from daskflow.client.cluster.manifest import adapting, cluster_manifest, scaled
from daskflow.client.manifest import merge


def test_what_is_given_is_in_it_and_nothing_else() -> None:
    assert cluster_manifest("a", image="i") == {
        "apiVersion": "daskflow.dev/v1alpha1",
        "kind": "DaskCluster",
        "metadata": {"name": "a"},
        "spec": {"image": "i"},
    }
    made = cluster_manifest(
        "a",
        image="i",
        workers=0,
        threads=2,
        memory="1Gi",
        idle_timeout="1h",
        no_client_timeout="1m",
        dashboard=False,
    )
    spec = DaskClusterSpec.model_validate(made["spec"])
    assert (spec.image, spec.workers.replicas, spec.workers.threads, spec.dashboard) == ("i", 0, 2, False)
    assert (spec.workers.memory, spec.idle_timeout, spec.no_client_timeout) == (2**30, "1h", "1m")


def test_a_spec_goes_over_all() -> None:
    over = {"image": "other", "workers": {"nanny": True}, "idleTimeout": None, "env": [{"name": "A"}]}
    spec = cluster_manifest("a", image="i", workers=3, idle_timeout="1h", spec=over)["spec"]
    assert spec == {
        "image": "other",
        "workers": {"replicas": 3, "nanny": True},
        "env": [{"name": "A"}],
    }


def test_one_way_to_say_how_many_takes_the_place_of_another() -> None:
    group = {"replicas": 2, "threads": 4}
    adapts = merge(group, adapting(0, 9, "2s"))
    assert adapts["autoscale"] == {"minimum": 0, "maximum": 9, "targetDuration": "2s"}
    total = merge(adapts, scaled(None, 32, "8Gi"))
    assert total == {"threads": 4, "total": {"cores": 32, "memory": "8Gi"}}
    assert merge(total, scaled(5, None, None)) == {"threads": 4, "replicas": 5}
