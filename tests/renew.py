"""Put what the program prints now into the pages of the documentation, or into the snapshots.

``python tests/renew.py docs [FILE…]``, ``python tests/renew.py snapshots``.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main() -> None:
    # the last digits of sums depend on how many threads share them: as in the tests
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    here = Path(__file__).parent
    sys.path[:0] = [str(here / "docs"), str(here / "cli")]
    what, *files = sys.argv[1:] or ["docs"]
    if what == "snapshots":
        from test_snapshots import renew

        renew()
    elif what == "docs":
        from test_docs import FILES, refresh

        for page in [Path(name).resolve() for name in files] or FILES:
            refresh(page)
    else:
        sys.exit("what is to be renewed: docs or snapshots?")


if __name__ == "__main__":
    main()
