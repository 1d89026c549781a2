"""``boundcalc`` and ``python -m boundcalc``: the command line."""

from __future__ import annotations

import signal
import sys

_INTERRUPTED = 130


def main() -> None:
    """Run the command line; an interrupt while it is loaded ends as any other does."""
    try:
        from boundcalc.cli.app import main as run

        run()
    except KeyboardInterrupt:
        print("Error: interrupted", file=sys.stderr)
        _end()
    except SystemExit as stop:
        if stop.code == _INTERRUPTED:
            _end()
        raise


def _end() -> None:
    """End with that code; Python sends itself the signal if a dataclass was being made."""
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    sys.exit(_INTERRUPTED)


if __name__ == "__main__":
    main()
