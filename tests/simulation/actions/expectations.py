"""What must be so by now, if nobody has disturbed the operator."""

from typing import TYPE_CHECKING

from daskflow.api.names import LABEL_COMPONENT, WORKER

from tests.simulation.actions import Action

if TYPE_CHECKING:
    from tests.simulation.world import World


def expect_message(words: str) -> Action:
    """By now the status tells of this, if nobody has disturbed the operator."""

    def act(world: "World") -> None:
        for key in world.subjects:
            said = str((world.server.objects[key].get("status") or {}).get("message"))
            if world.case.plain and words not in said:
                world.watcher.faults.append(f"{words!r} is not told: {said}")

    return act


def expect_workers(count: int) -> Action:
    """By now so many workers live, if nobody has disturbed the operator."""

    def act(world: "World") -> None:
        living = len(world.nodes.living(WORKER))
        if world.case.plain and living != count:
            world.watcher.faults.append(f"{living} workers live, {count} were asked for")

    return act


def expect_live(**counts: int) -> Action:
    """By now so many workers of each group live and are to stay, if nobody has disturbed the operator."""

    def act(world: "World") -> None:
        for name, count in counts.items():
            staying = [
                life
                for life in world.nodes.living(WORKER)
                if life.group == name and not life.role.retiring and not life.told_to_go.is_set()
            ]
            if world.case.plain and len(staying) != count:
                world.watcher.faults.append(f"{len(staying)} workers of {name} live, {count} were asked for")

    return act


def expect_pods(count: int) -> Action:
    """By now there are so many pods of workers, running or not, if nobody has disturbed the operator."""

    def act(world: "World") -> None:
        labels = [body["metadata"].get("labels", {}) for body in world.server.objects.values()]
        there = sum(each.get(LABEL_COMPONENT) == WORKER for each in labels)
        if world.case.plain and there != count:
            world.watcher.faults.append(f"there are {there} pods of workers, {count} were asked for")

    return act
