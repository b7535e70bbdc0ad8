"""What a test leaves behind for others in its process: changed data of modules, environment, folder."""

import os
import sys

_PYTESTS_OWN = "PYTEST_CURRENT_TEST"


def shared() -> dict[str, str]:
    """All that tests share without asking for it, by a name each, as text."""
    found = {
        f"{module}.{name}": repr(value)
        for module, content in list(sys.modules.items())
        if module.partition(".")[0] == "tests"
        for name, value in list(vars(content).items())
        if isinstance(value, dict | list | set) and not name.startswith("__")
    }
    environment = {name: value for name, value in os.environ.items() if name != _PYTESTS_OWN}
    return {**found, "the environment": repr(environment), "the folder": os.getcwd()}


def changes(before: dict[str, str], now: dict[str, str]) -> list[str]:
    """What is otherwise; what has come with a module that was imported meanwhile is no change."""
    return [
        f"{name}: {before[name][:500]} has become {text[:500]}"
        for name, text in now.items()
        if before.get(name, text) != text
    ]
