"""Linear algebra runs in one thread: workers that each start a thread a core only wait for one another.

Set before NumPy is loaded, and inherited by the processes that tests start. It also makes the last bits of what
is computed the same whatever the number of cores.
"""

from __future__ import annotations

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ[name] = "1"
