"""Which of two predictors has the lower risk, certified from their losses on the same held-out examples.

One method decides, and it is fixed by the type of the loss, not by what the losses turned out to be:
0/1 losses by the exact test on discordant pairs, other losses by paired empirical Bernstein, unless the
user names another one. All other limits are computed for contrast: each holds with probability ≥ 1 − δ
by itself, and none takes part in the verdict. `boundcalc.numeric.certifying.paired` proves each of them.

Why the verdict's sentence is wrong with probability at most δ
--------------------------------------------------------------
By an interval (Hoeffding, empirical Bernstein): where the interval holds, so does what is read off it.
By the sign test: each direction is tested at δ/2. Let r(A) > r(B). "A is better" is said with probability
≤ δ/2. "B is better" is true, and the amount, the interval's lower limit, is above r(A) − r(B) with
probability ≤ δ/2. Likewise with A and B exchanged; and if r(A) = r(B), each of the two is said with
probability ≤ δ/2. So the test costs nothing on top of the interval that gives the amount.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from boundcalc.errors import InputError, UnknownNameError
from boundcalc.numeric.certifying.certification import SIGN_TEST, Certification, Discordant, Interval
from boundcalc.numeric.certifying.losses import Losses, as_losses, range_end
from boundcalc.numeric.certifying.paired import Summary, discordant, paired, sign_test, unpaired
from boundcalc.numeric.domains import checked
from boundcalc.symbolic.parameters import parameter
from boundcalc.text import probability

INTERVALS = ("empirical_bernstein", "hoeffding")
METHODS = (SIGN_TEST, *INTERVALS)
_MOST_EXAMPLES = 10**15


def certify(
    losses_a: ArrayLike,
    losses_b: ArrayLike,
    *,
    delta: float = 0.05,
    loss_bound: float | None = None,
    method: str | None = None,
    names: tuple[str, str] = ("A", "B"),
) -> Certification:
    """Certify which of two predictors has the lower risk.

    Parameters
    ----------
    losses_a, losses_b : array_like, shape (n,) or (n, 1), n ≥ 2
        Losses in [0, loss_bound] on the same held-out examples in the same order. Both predictors were
        fixed before the examples were seen.
    delta : float
        Failure probability, in (0, 1).
    loss_bound : float, optional
        The most that the loss can be, fixed before the data are seen. Where left out it is 1, and losses
        above 1 are an error: a maximum of the observed losses would not do.
    method : {"discordant", "empirical_bernstein", "hoeffding"}, optional
        What decides, named before the data are seen. Where left out: ``discordant`` if every loss is 0 or
        1 and loss_bound is 1, which is then taken for a 0/1 loss; else ``empirical_bernstein``.
    names : tuple of two str
        What the two predictors are called in the result.

    Returns
    -------
    Certification

    Raises
    ------
    InputError
        For losses, names or numbers that cannot be used; the message names the row.
    """
    called = _checked_names(names)
    failure = checked(parameter("delta"), delta)
    if np.ndim(failure):
        raise InputError("delta must be a single number")
    width = range_end(loss_bound)
    a = as_losses(losses_a, where="losses_a", loss_bound=loss_bound)
    b = as_losses(losses_b, where="losses_b", loss_bound=loss_bound)
    if a.size != b.size:
        raise InputError(
            f"{called[0]} has {a.size} losses and {called[1]} has {b.size}; they must be on the same examples"
        )
    if a.size < 2:
        raise InputError("one example is too few; certify needs at least two")
    zero_one = width == 1 and all(bool(np.all((x == 0) | (x == 1))) for x in (a, b))
    return _certification(a, b, called, failure, width, _deciding(method, zero_one), zero_one)


def _checked_names(names: tuple[str, str]) -> tuple[str, str]:
    a, b = (" ".join(str(name).split()) for name in names) if len(names) == 2 else ("", "")
    if not a or not b or a == b:
        raise InputError(f"names must be two different names, not {', '.join(map(repr, names))}")
    return a, b


def _deciding(method: str | None, zero_one: bool) -> str:
    if method is None:
        return SIGN_TEST if zero_one else INTERVALS[0]
    name = method.strip().replace("-", "_")
    if name not in METHODS:
        raise UnknownNameError("method", method, METHODS)
    if name == SIGN_TEST and not zero_one:
        raise InputError("the method 'discordant' is for 0/1 losses (every loss 0 or 1, loss_bound = 1)")
    return name


def _certification(
    a: Losses, b: Losses, names: tuple[str, str], delta: float, width: float, deciding: str, zero_one: bool
) -> Certification:
    gap = Summary.of(a - b)
    pairs = _discordant(a, b, delta) if zero_one else None
    rows = _rows(a, b, gap, pairs, width, delta, deciding)
    verdict = _verdict(next(row for row in rows if row.deciding), pairs)
    further = None
    if verdict is None and gap.mean != 0:
        further = _further(gap.n, _criterion(deciding, gap, pairs, width, delta))
    return Certification(
        a=names[0],
        b=names[1],
        n=gap.n,
        delta=delta,
        loss_bound=width,
        mean_a=float(np.mean(a)),
        mean_b=float(np.mean(b)),
        difference=gap.mean,
        deciding=deciding,
        verdict=verdict,
        rows=rows,
        discordant=pairs,
        further_examples=further,
        assumes=(
            "both predictors were fixed before these examples were seen",
            "the examples are i.i.d., the same ones in the same order for both",
            "the loss takes no other value than 0 and 1" if zero_one else f"the loss is in [0, {width:g}]",
        ),
    )


def _discordant(a: Losses, b: Losses, delta: float) -> Discordant:
    n10, n01 = int(np.sum(a > b)), int(np.sum(b > a))
    return Discordant(n10, n01, sign_test(n01, n10), sign_test(n10, n01), delta / 2)


def _rows(
    a: Losses, b: Losses, gap: Summary, pairs: Discordant | None, width: float, delta: float, deciding: str
) -> tuple[Interval, ...]:
    samples = Summary.of(a), Summary.of(b)
    together = {method: paired(method, gap, width, delta) for method in INTERVALS}
    apart = {method: unpaired(method, *samples, width, delta) for method in INTERVALS}
    counterpart = {method: method for method in INTERVALS}
    if pairs is not None:
        together = {SIGN_TEST: discordant(pairs.n10, pairs.n01, gap.n, delta)} | together
        apart = {"clopper_pearson": unpaired("clopper_pearson", *samples, width, delta)} | apart
        counterpart["clopper_pearson"] = SIGN_TEST
    held = float(probability(delta))
    rows = [Interval(m, True, *ends, held, m == deciding, None) for m, ends in together.items()]
    for method, (low, high) in apart.items():
        rival = together[counterpart[method]]
        rows.append(Interval(method, False, low, high, held, False, (high - low) / (rival[1] - rival[0])))
    return tuple(rows)


def _verdict(decider: Interval, pairs: Discordant | None) -> str | None:
    if decider.method == SIGN_TEST and pairs is not None:
        a, b = pairs.p_value_a <= pairs.level, pairs.p_value_b <= pairs.level
    else:
        a, b = decider.upper < 0, decider.lower > 0
    return "a" if a else "b" if b else None


def _criterion(
    deciding: str, gap: Summary, pairs: Discordant | None, width: float, delta: float
) -> Callable[[int], bool]:
    """Whether the deciding method decides on n examples whose losses are distributed as observed.

    If it does for n, it does for n + 1: the intervals shrink as n grows (the mean stays, the unbiased
    variance falls to the mean squared deviation), and `sign_test` proves it for the p-value.
    """
    if deciding == SIGN_TEST and pairs is not None:
        more, less = max(pairs.n10, pairs.n01), min(pairs.n10, pairs.n01)
        return lambda n: sign_test(more * n / gap.n, less * n / gap.n) <= delta / 2

    def decides(n: int) -> bool:
        low, high = paired(deciding, gap.repeated(n), width, delta)
        return low > 0 or high < 0

    return decides


def _further(n: int, decides: Callable[[int], bool]) -> int | None:
    """The least number of examples on top of n for which `decides` holds; None beyond 10^15 in all."""
    fails, holds = n, 2 * n
    while not decides(holds):
        if holds > _MOST_EXAMPLES:
            return None
        fails, holds = holds, 2 * holds
    while holds - fails > 1:
        middle = (fails + holds) // 2
        fails, holds = (fails, middle) if decides(middle) else (middle, holds)
    return holds - n
