"""boundcalc: generalization bounds for multi-modal learning, with checked derivations.

The public names are imported when they are first used: ``import boundcalc`` loads neither SymPy
nor SciPy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boundcalc import worlds as worlds
    from boundcalc.data.certify import certify as certify
    from boundcalc.data.diagnose.diagnose import diagnose as diagnose
    from boundcalc.data.estimate.estimate import estimate as estimate
    from boundcalc.data.network import network as network
    from boundcalc.numeric.compare_bounds import compare_bounds as compare_bounds
    from boundcalc.numeric.complexity import complexity as complexity
    from boundcalc.numeric.crossover import crossover as crossover
    from boundcalc.numeric.decide.power import power as power
    from boundcalc.numeric.derive import derive as derive
    from boundcalc.numeric.evaluate import evaluate as evaluate
    from boundcalc.numeric.plan import plan as plan
    from boundcalc.numeric.signs import nonnegative as nonnegative
    from boundcalc.numeric.solve import solve as solve
    from boundcalc.numeric.subsets import subsets as subsets
    from boundcalc.numeric.sweep import Range as Range
    from boundcalc.numeric.sweep import sweep as sweep
    from boundcalc.render.report import report as report
    from boundcalc.render.sweep import write_sweep as write_sweep
    from boundcalc.study.compare import compare as compare
    from boundcalc.study.prove import prove as prove
    from boundcalc.study.simulate import simulate as simulate
    from boundcalc.symbolic.analysis.rates import rates as rates
    from boundcalc.symbolic.catalogue import catalogue as catalogue
    from boundcalc.symbolic.catalogue import lemma as lemma
    from boundcalc.symbolic.catalogue import theorem as theorem
    from boundcalc.symbolic.parameters import symbol as symbol
    from boundcalc.worlds.verify import verify as verify

__version__ = "0.1.0"

_PLACES = {
    "catalogue": "boundcalc.symbolic.catalogue",
    "certify": "boundcalc.data.certify",
    "compare": "boundcalc.study.compare",
    "compare_bounds": "boundcalc.numeric.compare_bounds",
    "complexity": "boundcalc.numeric.complexity",
    "crossover": "boundcalc.numeric.crossover",
    "rates": "boundcalc.symbolic.analysis.rates",
    "simulate": "boundcalc.study.simulate",
    "solve": "boundcalc.numeric.solve",
    "lemma": "boundcalc.symbolic.catalogue",
    "symbol": "boundcalc.symbolic.parameters",
    "theorem": "boundcalc.symbolic.catalogue",
    "derive": "boundcalc.numeric.derive",
    "diagnose": "boundcalc.data.diagnose.diagnose",
    "estimate": "boundcalc.data.estimate.estimate",
    "evaluate": "boundcalc.numeric.evaluate",
    "power": "boundcalc.numeric.decide.power",
    "network": "boundcalc.data.network",
    "nonnegative": "boundcalc.numeric.signs",
    "plan": "boundcalc.numeric.plan",
    "prove": "boundcalc.study.prove",
    "Range": "boundcalc.numeric.sweep",
    "report": "boundcalc.render.report",
    "subsets": "boundcalc.numeric.subsets",
    "sweep": "boundcalc.numeric.sweep",
    "verify": "boundcalc.worlds.verify",
    "write_sweep": "boundcalc.render.sweep",
}

_MODULES = frozenset({"worlds"})

__all__ = ["__version__", *sorted({*_PLACES, *_MODULES})]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name not in _PLACES:
        raise AttributeError(f"module 'boundcalc' has no attribute {name!r}")
    value = getattr(import_module(_PLACES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
