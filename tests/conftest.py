"""What is the same for all tests: one thread in linear algebra, commands that are built once, no clock.

The number of threads is set before NumPy is loaded, and inherited by the processes that tests start: workers that
each start a thread a core only wait for one another. It also makes the last bits of what is computed the same
whatever the number of cores.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator

import pytest
import typer.main
import typer.testing
from hypothesis import HealthCheck, settings

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ[name] = "1"

# a machine that is busy with something else is not a reason to fail
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(autouse=True, scope="session")
def _commands_are_built_once() -> Iterator[None]:
    """Typer builds every command anew for each call, which takes longer than most calls do."""
    with pytest.MonkeyPatch.context() as patch:
        built = functools.cache(typer.main.get_command)
        patch.setattr(typer.main, "get_command", built)
        patch.setattr(typer.testing, "_get_command", built)
        yield
