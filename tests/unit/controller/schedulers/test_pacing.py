"""Many runs share connections and status writes."""

from tests.simulation import loop
from tests.unit.controller.schedulers.world import World, busy, idle


def test_many_runs_share_connections_and_status_writes() -> None:
    async def life() -> None:
        world = World(busy, runs=1_000, connections=50)
        await world.live(700)
        assert world.most_open == 50
        assert {key for _, key in world.news} == set(world.keys)
        # 20 a second of all, so every run about every 50 seconds
        assert len(world.news) < 20 * 700
        assert len(world.news) > 9_000
        at = [at for at, _ in world.dialled]
        assert max(sum(t <= other < t + 1 for other in at) for t in range(700)) <= 51

    loop.run(life())


def test_idle_runs_beyond_the_bound_take_turns() -> None:
    async def life() -> None:
        world = World(idle, runs=20, connections=5)
        await world.live(600)
        assert world.most_open == 5
        assert {key for _, key in world.news} == set(world.keys)

    loop.run(life())
