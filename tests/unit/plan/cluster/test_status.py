"""What a DaskCluster says of itself: address, Secret, dashboard."""

from tests.unit.plan.cluster.stage import BASE, MADE, running, scheduler, worker


def test_ready_with_address_and_secret() -> None:
    status = (
        MADE.with_pods(
            *(
                make(started=True)
                for make in (scheduler, lambda **s: worker(0, **s), lambda **s: worker(1, **s))
            )
        )
        .applied()
        .status
    )
    assert status is not None
    assert (status["phase"], status["address"], status["secretName"]) == (
        "Ready",
        "tls://10.1.2.3:8786",
        BASE,
    )
    assert {item["type"]: item["status"] for item in status["conditions"]}["Ready"] == "True"


def test_the_dashboard_is_one_command_away() -> None:
    command = f"kubectl port-forward --namespace data pod/{BASE}-scheduler 8787"
    assert running(1, dashboard=True).status["dashboard"] == command
    assert "dashboard" not in running(1).status
