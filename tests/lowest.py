"""The lowest versions that pyproject.toml allows, as constraints for pip, one a line."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]

EXTRAS = ("certified", "data", "plot", "examples", "parallel", "report")


def constraints() -> list[str]:
    """Those of the package and of what users may add to it; tools of the tests are as new as can be."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"]]
    for extra in EXTRAS:
        asked += project["optional-dependencies"][extra]
    found = [re.fullmatch(r"([\w.-]+)(\[[^]]*\])?>=([\d.]+)", one) for one in asked]
    return [f"{one[1]}=={one[3]}" for one in found if one]


if __name__ == "__main__":
    print("\n".join(constraints()))
