"""`python -m moorage` and the command `moor`.

In: the process's arguments. Out: its exit status. All work is in `cli.main`.
"""

import sys

from moorage.cli.main import run


def main() -> int:
    """Run the command line of this process and return its exit status."""
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
