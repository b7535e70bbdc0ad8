"""`python -m prefect_daskflow FILE…`: prints `rights.yaml` or `worker.yaml`, for a worker in Kubernetes."""

import argparse
from importlib.resources import files

FILES = ("rights.yaml", "worker.yaml")


def main() -> None:
    """Several are printed as documents of one stream."""
    parser = argparse.ArgumentParser(prog="python -m prefect_daskflow", description=__doc__)
    parser.add_argument("file", nargs="+", choices=FILES)
    texts = [(files(__package__) / name).read_text() for name in parser.parse_args().file]
    print("---\n".join(texts), end="")


if __name__ == "__main__":
    main()
