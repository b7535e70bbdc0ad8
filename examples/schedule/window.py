"""What a scheduled flow usually does: works on the time since the tick before."""

from datetime import datetime, timedelta

from distributed import Client


def flow(begin: str, end: str) -> dict[str, object]:
    """Counts the seconds from one tick to the next, each by a task of its own."""
    first, last = datetime.fromisoformat(begin), datetime.fromisoformat(end)
    seconds = [first + timedelta(seconds=n) for n in range(int((last - first).total_seconds()))]
    with Client() as client:
        counted = sum(client.gather(client.map(lambda each: 1, seconds)))
    print(f"{counted} seconds until {end}")
    return {"end": end, "seconds": counted}
