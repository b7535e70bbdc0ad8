"""Makes event archives in the shape of GitHub's (gharchive.org): an hour of events in each, one JSON a line.

`python3 archives.py FOLDER [--days 2] [--hours 3] [--events 2000]`: small, and the same each time.
"""

import argparse
import gzip
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

FIRST_DAY = datetime(2026, 11, 1, tzinfo=UTC)
KINDS = (
    "PushEvent",
    "PushEvent",
    "PushEvent",
    "WatchEvent",
    "IssuesEvent",
    "PullRequestEvent",
    "CreateEvent",
)


def event(number: int, at: datetime, chance: random.Random) -> dict:
    """One public event; only pushes have a payload that tells more than what happened."""
    kind = chance.choice(KINDS)
    commits = chance.randint(1, 5)
    payload = {"action": "created"}
    if kind == "PushEvent":
        shas = [f"{chance.getrandbits(160):040x}" for _ in range(commits)]
        payload = {
            "push_id": number,
            "size": commits,
            "ref": "refs/heads/main",
            "commits": [{"sha": sha} for sha in shas],
        }
    repository = chance.randint(1, 40)
    return {
        "id": str(number),
        "type": kind,
        "actor": {"id": chance.randint(1, 300)},
        "repo": {"id": repository, "name": f"octo/project-{repository}"},
        "payload": payload,
        "public": True,
        "created_at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def write(file: Path, start: datetime, events: int) -> None:
    """The archive of the hour that begins at `start`."""
    chance = random.Random(start.isoformat())
    first = int(start.timestamp())
    with gzip.open(file, "wt", encoding="utf-8") as stream:
        for number in range(events):
            at = start + timedelta(seconds=3600 * number / events)
            stream.write(json.dumps(event(first + number, at, chance)) + "\n")


def main() -> None:
    """Named as GitHub's: 2026-11-01-0.json.gz."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--days", type=int, default=2)
    parser.add_argument("--hours", type=int, default=3, help="of each day")
    parser.add_argument("--events", type=int, default=2000, help="of each hour")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for day in range(options.days):
        for hour in range(options.hours):
            start = FIRST_DAY + timedelta(days=day, hours=hour)
            write(options.folder / f"{start:%Y-%m-%d}-{hour}.json.gz", start, options.events)
    print(f"made {options.days * options.hours} archives in {options.folder}")


if __name__ == "__main__":
    main()
