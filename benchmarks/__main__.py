"""Runs every benchmark, or those named: `python -m benchmarks [NAME]...`, e.g. `python -m benchmarks startup sets`."""

import importlib
import sys

ALL = ("startup", "store", "sets", "podstart", "agentstart", "dnslag", "simulation")


def main() -> int:
    """Run them one after another."""
    for name in sys.argv[1:] or ALL:
        print(f"== {name}", flush=True)
        importlib.import_module(f"benchmarks.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
