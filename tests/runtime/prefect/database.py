"""The migrated database that the image of Prefect 3 has."""

from pathlib import Path

from tests.runtime import environments
from tests.runtime.conftest import environment


def database() -> Path:
    environment("prefect3")
    return environments.folder("prefect3") / "prefect.db"
