"""The server of a run whose flow is Prefect's: when there is one, and with which database and port."""

import shutil
import socket
import sqlite3

import pytest

from tests.runtime.conftest import Pods
from tests.runtime.prefect.database import database
from tests.runtime.prefect.flows import SCRIPT


@pytest.mark.parametrize(
    ("project", "said"),
    [
        ('[tool.prefect.api]\nurl = "http://127.0.0.1:1/api"', "Prefect's server is http://127.0.0.1:1/api"),
        ('[project]\ndependencies = ["prefect"]', "a Prefect server for this run starts"),
    ],
)
def test_a_projects_settings_name_the_server(pods: Pods, project: str, said: str) -> None:
    pods.image("prefect3")
    pods.file("pyproject.toml", project)
    pods.alone({"script": "import prefect"}, DASKFLOW_PREFECT_DATABASE=database())
    assert said in pods.pods[0].log()


def test_a_database_of_the_users_is_the_servers(pods: Pods) -> None:
    pods.image("prefect3")
    mine = pods.folder / "mine.db"
    shutil.copyfile(database(), mine)
    given = {"PREFECT_API_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{mine}"}
    runner = pods.runner({"script": SCRIPT}, None, **given)
    runner.wait(120)
    assert runner.message()["outcome"] == "Succeeded", runner.log()
    with sqlite3.connect(mine) as connection:
        assert connection.execute("SELECT count(*) FROM flow_run").fetchone() == (1,)


def test_a_port_that_is_taken_is_not_needed(pods: Pods) -> None:
    pods.image("prefect3")
    script = "import os, prefect; result = os.environ['PREFECT_API_URL'], os.environ['PREFECT_HOME']"
    with socket.create_server(("127.0.0.1", 0)) as server:
        port, home = server.getsockname()[1], pods.folder
        given = {"DASKFLOW_PREFECT_PORT": port, "DASKFLOW_PREFECT_DATABASE": database(), "PREFECT_HOME": home}
        url, at = pods.alone({"script": script}, **given)["result"]
    assert f":{port}/" not in url
    assert at == str(home)


def test_a_command_that_speaks_of_prefect_finds_a_server(pods: Pods) -> None:
    pods.image("prefect3")
    code = "import http.client, os, urllib.parse\n"
    code += "url = urllib.parse.urlsplit(os.environ['PREFECT_API_URL'])\n"
    code += "connection = http.client.HTTPConnection(url.netloc)\n"
    code += "connection.request('GET', '/api/health')\nassert connection.getresponse().status == 200"
    command = [pods.python, "-c", code]
    assert pods.alone({"command": command}, DASKFLOW_PREFECT_DATABASE=database())["outcome"] == "Failed"
    command[2] += "  # prefect"
    runner = pods.runner({"command": command}, None, "with", DASKFLOW_PREFECT_DATABASE=database())
    runner.wait(120)
    assert runner.message()["outcome"] == "Succeeded", runner.log()
