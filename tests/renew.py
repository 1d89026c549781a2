"""Put what the program prints now into the pages of the documentation, or into the snapshots.

``python tests/renew.py docs [FILE…]``, ``python tests/renew.py snapshots``. With the durations that
``pytest --junitxml=FILE`` measured, ``python tests/renew.py slow FILE`` says which tests are slow.
"""

from __future__ import annotations

import os
import sys
import xml.etree.ElementTree as ET
from collections import defaultdict
from pathlib import Path

QUICK = 14.0
"""Seconds that all tests together take that are not slow."""


def slow(measured: Path) -> str:
    """The tests that are left out first, those that take longest for one case, up to QUICK."""
    cases = defaultdict[str, list[float]](list)
    for case in ET.parse(measured).iter("testcase"):
        path = case.attrib["classname"].replace(".", "/")
        name = case.attrib["name"].partition("[")[0]
        cases[f"{path}.py::{name}"].append(float(case.attrib["time"]))
    left, found = sum(map(sum, cases.values())), []
    for name in sorted(cases, key=lambda name: -sum(cases[name]) / len(cases[name])):
        if left <= QUICK:
            break
        left -= sum(cases[name])
        found.append(name)
    return "\n".join(sorted(found)) + "\n"


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
    elif what == "slow":
        (here / "slow.txt").write_text(slow(Path(files[0])), encoding="utf-8")
    elif what == "docs":
        from test_docs import FILES, refresh

        for page in [Path(name).resolve() for name in files] or FILES:
            refresh(page)
    else:
        sys.exit("what is to be renewed: docs, snapshots or slow?")


if __name__ == "__main__":
    main()
