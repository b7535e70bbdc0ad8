"""`python -m tests.cluster up|down|status|load-image|image-key|build-images|env|in`: see `--help`."""

import argparse
import os
import sys

from tests.cluster import images, providers
from tests.cluster.access import Access
from tests.cluster.settings import IN
from tests.cluster.shell import Trouble

SETS = {"demo": images.IMAGES, "all": images.ALL_IMAGES}


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.cluster", description="A Kubernetes for demo and tests."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="bring the cluster up; nothing to do when it is")
    up.add_argument("--simulated", action="store_true", help="20 simulated nodes instead of a real one")
    up.add_argument("--images", choices=SETS, help="build and load this project's images too")
    commands.add_parser("down", help="end the clusters, and leave nothing of them behind")
    commands.add_parser("status", help="say what runs")
    load = commands.add_parser(
        "load-image", help="build images as needed, and load them into the current cluster"
    )
    load.add_argument("name", nargs="+", help="a name such as flows:dev, or all")
    key = commands.add_parser("image-key", help="print a key that changes with an image's content")
    key.add_argument("name")
    commands.add_parser("build-images", help="build all images of this project")
    commands.add_parser("env", help="print how to reach the current cluster")
    inside = commands.add_parser("in", help="run a command where the cluster can be reached")
    inside.add_argument("rest", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    try:
        return _run(arguments)
    except Trouble as trouble:
        print(f"cluster: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _run(arguments: argparse.Namespace) -> int:
    match arguments.command:
        case "up":
            providers.up(arguments.simulated, SETS[arguments.images] if arguments.images else ())
            print("reach it with: tests/cluster/in kubectl get nodes", file=sys.stderr)
        case "down":
            providers.down()
        case "status":
            return providers.status()
        case "load-image":
            chosen = (
                images.ALL_IMAGES
                if arguments.name == ["all"]
                else [images.named(name) for name in arguments.name]
            )
            providers.load(images.build_all(chosen))
        case "image-key":
            print(images.build(images.named(arguments.name)).key)
        case "build-images":
            images.build_all(images.ALL_IMAGES)
        case "env":
            access = Access.current()
            if access is None:
                raise Trouble("no cluster is up: run `make cluster`")
            print(access.render(), end="")
        case "in":
            os.execv(IN, [str(IN), *arguments.rest])
    return 0


if __name__ == "__main__":
    sys.exit(main())
