"""PAC-Bayes, weights of views and β in a study: numbers against 50 digits, and what is refused."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from files import EXAMPLES
from mpmath import mp, mpf

import boundcalc as bc
from boundcalc.errors import InputError
from boundcalc.study.read import read_study
from boundcalc.study.records import Comparison, Limit
from boundcalc.study.training_bounds import gaussian_divergence, weights_divergence

M, DELTA = 200, "0.05"
MEAN, VARIANCE, PRIOR_MEAN, PRIOR_VARIANCE = (
    ["1.2", "-0.4", "0.9"],
    ["0.04", "0.3", "0.02"],
    ["0.1", "0", "0.2"],
    ["1", "0.5", "2"],
)


@pytest.fixture(autouse=True)
def _digits() -> Any:
    with mp.workdps(50):
        yield


def floats(texts: list[str]) -> list[float]:
    return [float(text) for text in texts]


def log_xi(m: int) -> Any:
    """ln Σ_k (m choose k) (k/m)^k (1 − k/m)^(m − k)."""

    def term(k: int) -> Any:
        q = mpf(k) / m
        return mp.binomial(m, k) * q**k * (1 - q) ** (m - k)

    return mp.log(mp.fsum(term(k) for k in range(m + 1)))


def kl(q: Any, p: Any) -> Any:
    return q * mp.log(q / p) + (1 - q) * mp.log((1 - q) / (1 - p))


def inverse(q: Any, limit: Any, *, upper: bool) -> Any:
    """The largest, or the least, p with kl(q‖p) ≤ limit, by bisection."""
    inside, outside = q, mpf(1) if upper else mpf(0)
    for _ in range(170):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if kl(q, middle) <= limit else (inside, middle)
    return inside


def gaussian() -> Any:
    def one(mu: str, v: str, mu_0: str, v_0: str) -> Any:
        ratio = mpf(v) / mpf(v_0)
        return ratio + (mpf(mu) - mpf(mu_0)) ** 2 / mpf(v_0) - 1 - mp.log(ratio)

    columns = zip(MEAN, VARIANCE, PRIOR_MEAN, PRIOR_VARIANCE, strict=True)
    return mp.fsum(one(*column) for column in columns) / 2


def table(**more: Any) -> dict[str, Any]:
    return {
        "train_loss": 0.43,
        "mean": floats(MEAN),
        "variance": floats(VARIANCE),
        "prior_mean": floats(PRIOR_MEAN),
        "prior_variance": floats(PRIOR_VARIANCE),
        **more,
    }


def views(**more: Any) -> dict[str, Any]:
    return {
        "views": {
            "text": {"weight": 0.4, "train_loss": 0.41, "divergence": 1.5},
            "audio": {"weight": 0.6, "train_loss": 0.27, "divergence": 2.5},
        },
        **more,
    }


def study(text: dict[str, Any], both: dict[str, Any], **top: Any) -> dict[str, Any]:
    subsets = [{"modalities": ["text"], **text}, {"modalities": ["text", "audio"], **both}]
    return {"m": M, "delta": float(DELTA), **top, "subset": subsets}


def limits(record: Comparison, place: int) -> dict[tuple[str, str], Limit]:
    found = record.subsets[place].limits
    return {(limit.method, str(limit.side)): limit for limit in found}


def close_above(value: float, exact: Any) -> bool:
    return bool(0 <= mpf(value) - exact <= mpf(10) ** -12)


def close_below(value: float, exact: Any) -> bool:
    return close_above(-value, -exact)


def price(divergence: Any, delta: Any, m: int = M) -> Any:
    return (divergence + log_xi(m) + mp.log(1 / delta)) / m


def test_a_gaussian_posterior_against_fifty_digits() -> None:
    record = bc.compare(study({"posterior": table()}, {}))
    q, limit = mpf("0.43"), price(gaussian(), mpf(DELTA))
    found = limits(record, 0)
    assert close_above(found["pac_bayes.kl", "upper"].value, inverse(q, limit, upper=True))
    assert close_below(found["pac_bayes.kl", "lower"].value, inverse(q, limit, upper=False))
    root = mp.sqrt(limit / 2)
    assert close_above(found["pac_bayes.mcallester", "upper"].value, q + root)
    assert close_below(found["pac_bayes.mcallester", "lower"].value, q - root)
    quadratic = q + limit + mp.sqrt(2 * limit * q + limit**2)
    assert close_above(found["pac_bayes.quadratic", "upper"].value, quadratic)
    assert ("pac_bayes.quadratic", "lower") not in found


def test_the_divergence_of_gaussians_is_never_too_small() -> None:
    posterior = read_study(study({"posterior": table()}, {})).subsets[0].posterior
    assert posterior is not None
    assert close_above(posterior.divergences["divergence"], gaussian())
    same = {"mean": [0.1, 0.2], "prior_mean": [0.1, 0.2], "variance": 0.3, "prior_variance": 0.3}
    again = read_study(study({"posterior": {"train_loss": 0.1, **same}}, {})).subsets[0].posterior
    assert again is not None
    assert again.divergences == {"divergence": 0.0}


def test_one_number_stands_for_all_weights() -> None:
    one = {"train_loss": 0.2, "mean": [0.5, 0.7], "variance": 0.1, "prior_variance": 2}
    each = one | {"variance": [0.1, 0.1], "prior_variance": [2, 2], "prior_mean": [0, 0]}
    first, second = (read_study(study({"posterior": p}, {})).subsets[0] for p in (one, each))
    assert first.posterior == second.posterior


@pytest.mark.parametrize("kind", [np.float64, np.float32, Decimal, Fraction, str])
def test_numbers_of_any_kind(kind: Callable[[Any], Any]) -> None:
    one = {"train_loss": 0.2, "mean": [0.5, 0.25], "variance": 0.125, "prior_variance": 2}
    given = one | {"mean": [kind(0.5), kind(0.25)], "variance": kind(0.125)}
    if kind is str:
        with pytest.raises(InputError, match="mean must be made of numbers"):
            read_study(study({"posterior": given}, {}))
    else:
        first, second = (read_study(study({"posterior": p}, {})).subsets[0] for p in (one, given))
        assert first.posterior == second.posterior


def test_weights_of_views_against_fifty_digits() -> None:
    top = {"loss": "zero-one"}
    record = bc.compare(study({}, {"posterior": views(vote=True)}, **top))
    weights = mpf("0.4"), mpf("0.6")
    divergence = weights[0] * mpf("1.5") + weights[1] * mpf("2.5")
    divergence += mp.fsum(rho * mp.log(2 * rho) for rho in weights)
    q = weights[0] * mpf("0.41") + weights[1] * mpf("0.27")
    limit = price(divergence, mpf(DELTA))
    by_quantity = {
        (str(one.quantity), str(one.side)): one.value for one in record.subsets[1].limits
    }
    upper, lower = (inverse(q, limit, upper=up) for up in (True, False))
    assert close_above(by_quantity["Gibbs risk", "upper"], upper)
    assert close_below(by_quantity["Gibbs risk", "lower"], lower)
    assert close_above(by_quantity["risk of the vote", "upper"], 2 * upper)
    assert ("risk of the vote", "lower") not in by_quantity


@pytest.mark.parametrize("C", ["1", "4"])
def test_a_stable_learner_against_fifty_digits(C: str) -> None:
    beta, r = "0.0004", "0.35"
    subset = {"train_loss": float(r), "stability": float(beta)}
    record = bc.compare(study(subset, {}, loss_bound=float(C)))
    width = 2 * M * mpf(beta) + mpf(C)
    slack = mpf(beta) + width * mp.sqrt(mp.log(1 / mpf(DELTA)) / (2 * M))
    found = limits(record, 0)
    assert close_above(found["classic.stability", "upper"].value, mpf(r) + slack)
    assert close_below(found["classic.stability", "lower"].value, mpf(r) - slack)


def test_losses_up_to_four_are_divided_by_four_and_multiplied_again() -> None:
    subset = {"posterior": {"train_loss": 1.72, "divergence": 2}}
    record = bc.compare(study(subset, {}, loss_bound=4))
    limit = price(mpf(2), mpf(DELTA))
    found = limits(record, 0)["pac_bayes.kl", "upper"].value
    assert close_above(found, 4 * inverse(mpf("0.43"), limit, upper=True))


def test_a_pair_pays_for_each_of_its_events() -> None:
    both = {"posterior": views(), "train_loss": 0.33, "stability": 0.0003}
    text = {"posterior": {"train_loss": 0.43, "divergence": 2}}
    text |= {"train_loss": 0.42, "stability": 0.0002}
    record = bc.compare(study(text, both))
    rows = {row.method: row for row in record.comparisons}
    assert {row.joint for row in record.comparisons} == {False}
    half = mpf(DELTA) / 2
    divergence = mpf("0.4") * mpf("1.5") + mpf("0.6") * mpf("2.5")
    divergence += mpf("0.4") * mp.log(mpf("0.8")) + mpf("0.6") * mp.log(mpf("1.2"))
    more = [inverse(mpf("0.326"), price(divergence, half), upper=up) for up in (False, True)]
    less = [inverse(mpf("0.43"), price(mpf(2), half), upper=up) for up in (False, True)]
    assert close_above(rows["pac-bayes"].upper or 0.0, more[1] - less[0])
    assert close_below(rows["pac-bayes"].lower or 0.0, more[0] - less[1])
    log = mp.sqrt(mp.log(4 / mpf(DELTA)) / (2 * M))
    slacks = [mpf(b) + (2 * M * mpf(b) + 1) * log for b in ("0.0003", "0.0002")]
    assert close_above(rows["stability"].upper or 0.0, mpf("-0.09") + sum(slacks))
    assert close_below(rows["stability"].lower or 0.0, mpf("-0.09") - sum(slacks))


def test_a_prior_from_other_examples_is_paid_for_by_fewer() -> None:
    record = bc.compare(study({"posterior": table(m=100)}, {}))
    limit = price(gaussian(), mpf(DELTA), 100)
    found = limits(record, 0)["pac_bayes.kl", "upper"].value
    assert close_above(found, inverse(mpf("0.43"), limit, upper=True))


def test_they_are_contrast_and_no_events() -> None:
    record = bc.compare(EXAMPLES / "posteriors.toml")
    assert record.ledger == ()
    assert [v.verdict for v in record.verdicts] == ["undecided"]
    kinds = {limit.quantity for s in record.subsets for limit in s.limits}
    assert kinds == {"risk", "Gibbs risk"}
    limit = record.to_dict()["subsets"][0]["limits"][0]
    assert limit["status"] == "derived"
    assert "P was fixed before the training examples" in limit["assumes"][0]


def test_with_held_out_losses_they_go_with_the_training_examples(
    run: Callable[..., tuple[int, str, str]], tmp_path: Any
) -> None:
    said = (EXAMPLES / "posteriors.toml").read_text(encoding="utf-8")
    said = said.replace("delta = 0.05\n", "delta = 0.05\ntest_n = 900\nlipschitz = 1\n")
    said = said.replace("stability =", "complexity = 4\ntest_loss = 0.4\nstability =")
    file = tmp_path / "study.toml"
    file.write_text(said, encoding="utf-8")
    code, out, _ = run("compare", str(file), "--details")
    assert code == 0
    training = out.partition("From the training examples alone")[2]
    assert "PAC-Bayes, of r(Q)" in training
    assert "multi-view PAC-Bayes" in training
    assert "Gibbs risk" not in out.partition("From the training examples alone")[0]


REFUSED: dict[str, Callable[[dict[str, Any], dict[str, Any]], object]] = {
    "unknown key 'men'": lambda q, v: q.update(men=[1]),
    "not that of the subset's own predictor": lambda q, v: q.pop("train_loss"),
    "variance must be above 0: KL(Q‖P) is infinite": lambda q, v: q.update(variance=0),
    "divergence and mean both say": lambda q, v: q.update(divergence=1),
    "mean has 3 numbers, but prior_mean has 2": lambda q, v: q.update(prior_mean=[1, 2]),
    "mean is missing": lambda q, v: q.pop("mean"),
    "mean must be a list of numbers": lambda q, v: q.update(mean="file"),
    "no finite number": lambda q, v: q.update(mean=[float("nan")]),
    "train_loss = 1.2 is above loss_bound": lambda q, v: q.update(train_loss=1.2),
    "vote = true speaks of errors": lambda q, v: q.update(vote=True),
    "m = 1000 is above the study's m": lambda q, v: q.update(m=1000),
    "add up to 1.1, not to 1": lambda q, v: v["text"].update(weight=0.5),
    "weight must be a number from 0 to 1, not 2": lambda q, v: v["text"].update(weight=2),
    "view 'video' is not among": lambda q, v: v.update(video=v.pop("audio")),
    "give it here, or in view 'text'": lambda q, v: v["text"].pop("train_loss"),
    "for all, or for none": lambda q, v: v["text"].update(prior_weight=0.5),
    "KL(ρ‖π) is infinite": lambda q, v: [
        v[name].update(prior_weight=one) for name, one in (("text", 0), ("audio", 1))
    ],
    "views must be a table": lambda q, v: v.clear(),
}


@pytest.mark.parametrize("said", REFUSED)
def test_what_contradicts_the_assumptions_is_refused(said: str) -> None:
    given = copy.deepcopy(study({"posterior": table()}, {"posterior": views()}))
    text, both = (one["posterior"] for one in given["subset"])
    REFUSED[said](text, both["views"])
    with pytest.raises(InputError) as error:
        bc.compare(given)
    assert said in str(error.value)
    assert "subset 1" in str(error.value) or "subset 2" in str(error.value)


def test_no_zero_one_loss_has_a_small_stability() -> None:
    given = study({"train_loss": 0.3, "stability": 0.01}, {}, loss="zero-one")
    with pytest.raises(InputError, match="a 0/1 loss moves by 0 or by 1"):
        bc.compare(given)


def test_what_is_missing_is_said() -> None:
    given = study({"stability": 0.01}, {"posterior": views()})
    del given["m"]
    notes = " ".join(bc.compare(given).notes)
    assert "the posterior of text+audio is not used: m is missing" in notes
    assert "the stability of text is not used: m, train_loss are missing" in notes


def test_divergences_are_rounded_up() -> None:
    rng = random.Random(0)
    for _ in range(200):
        mu, v, mu_0, v_0 = (
            Fraction(rng.randint(1, 10**6), 10 ** rng.randint(0, 9)) for _ in "1234"
        )
        ratio = mpf(v.numerator) * v_0.denominator / (mpf(v.denominator) * v_0.numerator)
        far = (mu - mu_0) ** 2 / v_0
        exact = (ratio + mpf(far.numerator) / far.denominator - 1 - mp.log(ratio)) / 2
        found = mpf(gaussian_divergence([mu], [v], [mu_0], [v_0]))
        assert exact <= found <= exact * (1 + mpf(2) ** -50) + mpf(10) ** -13
        rho, pi = (Fraction(rng.randint(1, 999), 1000) for _ in "12")
        weights, prior = (rho, 1 - rho), (pi, 1 - pi)
        exact = mp.fsum(
            mpf(w.numerator) / w.denominator * mp.log(mpf((w / p).numerator) / (w / p).denominator)
            for w, p in zip(weights, prior, strict=True)
        )
        assert exact <= mpf(weights_divergence(weights, prior)) <= exact + mpf(10) ** -13


def test_a_vacuous_limit_is_the_range_of_the_loss() -> None:
    text = {"posterior": {"train_loss": 0.2, "divergence": 10**6}}
    record = bc.compare(study(text, {"posterior": {"train_loss": 0, "divergence": 0}}))
    (row,) = record.comparisons
    upper = 1 - mp.exp(-price(mpf(0), mpf(DELTA) / 2))  # kl(0‖p) = −ln(1 − p)
    assert close_above(row.upper or 0.0, upper)
    assert row.lower == -1
    found = limits(record, 1)["pac_bayes.kl", "lower"].value
    assert str(found) == "0.0"
