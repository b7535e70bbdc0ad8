"""Estimates pi from points thrown at a square: a program like any other, with options of its own."""

import argparse
import random

from distributed import Client


def hits(seed: int, points: int) -> int:
    """How many of so many random points of the unit square lie inside the quarter circle."""
    chance = random.Random(seed)
    return sum(chance.random() ** 2 + chance.random() ** 2 <= 1 for _ in range(points))


def main() -> None:
    """Prints the estimate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, default=20)
    parser.add_argument("--points", type=int, default=20_000, help="in each batch")
    options = parser.parse_args()
    with Client() as client:  # the scheduler's address is in the environment
        inside = client.gather(client.map(hits, range(options.batches), points=options.points))
    print(f"pi is about {4 * sum(inside) / (options.batches * options.points):.3f}")


if __name__ == "__main__":
    main()
