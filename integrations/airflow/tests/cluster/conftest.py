"""Airflow beside the cluster, with no more rights in one namespace than its page asks for."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations import kubectl
from integrations.airflow.tests.installation import PARTS, Installation, installation

README = Path(__file__).parents[2] / "README.md"
_ACCOUNT = "airflow"


@pytest.fixture(scope="session")
def place() -> Iterator[kubectl.Namespace]:
    """A namespace with the account of Airflow in it."""
    with kubectl.namespace() as made:
        made.kubectl("create", "serviceaccount", _ACCOUNT)
        (rights,) = re.findall(r"```yml\n(apiVersion: rbac.*?)```", README.read_text(), re.S)
        made.kubectl("apply", "--filename", "-", text=rights)
        account = f"{made.name}:{_ACCOUNT}"
        made.kubectl(
            "create", "rolebinding", _ACCOUNT, "--role=airflow-daskflow", f"--serviceaccount={account}"
        )
        yield made


@pytest.fixture(scope="session")
def airflow(place: kubectl.Namespace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One with its tables, of which nothing runs."""
    given = json.loads(kubectl.kubectl("config", "view", "--raw", "--minify", "--output", "json"))
    token = place.kubectl("create", "token", _ACCOUNT, "--duration=2h").strip()
    given["users"] = [{"name": each["name"], "user": {"token": token}} for each in given["users"]]
    extra = {"namespace": place.name, "kube_config": json.dumps(given)}
    connection = json.dumps({"conn_type": "kubernetes", "extra": extra})
    variables = {"AIRFLOW_CONN_KUBERNETES_DEFAULT": connection, "KUBECONFIG": os.devnull}
    with installation(tmp_path_factory.mktemp("airflow"), variables) as made:
        yield made


@pytest.fixture(scope="session")
def running(airflow: Installation) -> Installation:
    """All of it runs, with the DAGs of these tests."""
    shutil.copy(Path(__file__).with_name("dags.py"), airflow.dags / "held.py")
    airflow.start(*PARTS)
    airflow.ready("deferred", "direct", "short")
    return airflow
