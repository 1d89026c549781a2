"""``boundcalc`` and ``python -m boundcalc``: the command line."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; an interrupt while it is loaded ends as any other does."""
    try:
        from boundcalc.cli.app import main as run

        run()
    except KeyboardInterrupt:
        print("Error: interrupted", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
