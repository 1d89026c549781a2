"""The linear world: closed forms against simulation, brute force and an independent formula."""

from __future__ import annotations

import math
import pickle
import re
from itertools import chain, combinations

import numpy as np
import pytest

import boundcalc as bc
from boundcalc.errors import InputError, UnknownNameError
from boundcalc.worlds import LinearWorld
from boundcalc.worlds.covariance import conditional, pivoted_cholesky

REPEATS = 20_000
BLOCKS = {"text": [0, 3], "audio": [1], "video": [2]}


def random_world(seed: int, rank: int = 4, noise: float = 0.5) -> LinearWorld:
    """Correlated modalities; singular where the rank is below 4."""
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(4, rank))
    return LinearWorld(
        covariance=root @ root.T, blocks=BLOCKS, theta=rng.normal(size=4), noise_variance=noise
    )


WORLDS = {
    "white": LinearWorld(
        covariance=np.eye(4), blocks=BLOCKS, theta=[1, -1, 0.5, 2], noise_variance=1
    ),
    "correlated": random_world(1),
    "without noise": random_world(2, noise=0),
    "singular": random_world(3, rank=2),
}


def subsets(world: LinearWorld) -> list[tuple[str, ...]]:
    names = list(world.blocks)
    return [*chain.from_iterable(combinations(names, k) for k in range(len(names) + 1))]


def many_fits(world: LinearWorld, seen: list[int], m: int) -> tuple[np.ndarray, np.ndarray]:
    """Exact risks and training risks of least squares on independent samples, by pseudo-inverses."""
    x, y = world.sample(REPEATS * m, seed=7)
    x, y = x.reshape(REPEATS, m, -1), y.reshape(REPEATS, m, 1)
    weights = np.zeros((REPEATS, x.shape[2]))
    weights[:, seen] = (np.linalg.pinv(x[:, :, seen], rcond=1e-9) @ y)[:, :, 0]
    left = y[:, :, 0] - np.einsum("rmd,rd->rm", x, weights)
    gap = world.theta - weights
    return world.noise_variance + np.sum((gap @ world.covariance) * gap, axis=1), np.mean(
        left**2, axis=1
    )


@pytest.mark.parametrize(
    ("name", "subset"),
    [
        ("white", "text"),
        ("correlated", "text"),
        ("correlated", "audio+video"),
        ("correlated", "text+audio+video"),
        ("without noise", "audio"),
        ("singular", "text+audio"),
    ],
)
def test_closed_forms_agree_with_simulation_within_four_standard_errors(
    name: str, subset: str
) -> None:
    world, m = WORLDS[name], 13
    risks, train = many_fits(world, world.coordinates(subset), m)
    for found, exact in (
        (risks, world.expected_risk(subset, m)),
        (train, world.expected_train_risk(subset, m)),
    ):
        assert abs(found.mean() - exact) <= 4 * found.std(ddof=1) / math.sqrt(REPEATS)


@pytest.mark.parametrize("world", [*WORLDS.values(), random_world(4, rank=3)])
def test_latent_quality_is_monotone_and_what_an_independent_formula_gives(
    world: LinearWorld,
) -> None:
    size = float(np.trace(world.covariance)) * float(world.theta @ world.theta)
    for less in subsets(world):
        seen = world.coordinates(less)
        hidden = [i for i in range(4) if i not in seen]
        cross = world.covariance[np.ix_(seen, hidden)]
        schur = (
            world.covariance[np.ix_(hidden, hidden)]
            - cross.T @ np.linalg.pinv(world.covariance[np.ix_(seen, seen)], rcond=1e-9) @ cross
        )
        unseen, quality = world.theta[hidden], world.latent_quality(less)
        assert quality == pytest.approx(unseen @ schur @ unseen, abs=1e-10 * size)
        assert 0 <= world.latent_quality_lower(less) <= quality + 1e-10 * size
        assert world.risk(world.best_weights(less)) == pytest.approx(
            world.noise_variance + quality, abs=1e-10 * size
        )
        assert not np.any(world.best_weights(less)[hidden])
        for more in subsets(world):
            if set(less) <= set(more):
                assert world.latent_quality(more) <= quality + 1e-12 * size


def test_lower_limit_is_attained_by_the_weakest_direction() -> None:
    world = LinearWorld(
        covariance=np.diag([1, 4, 0.25, 1]), blocks=BLOCKS, theta=[1, 0, 3, 1], noise_variance=0
    )
    assert world.latent_quality("text") == world.latent_quality_lower("text") == 2.25


@pytest.mark.parametrize("seed", range(12))
def test_crossover_is_the_first_sample_size_at_which_more_is_better(seed: int) -> None:
    world = random_world(
        seed, rank=3 if seed % 4 == 0 else 4, noise=0 if seed % 5 == 0 else 0.5 + seed
    )
    sizes = np.arange(1, 4000)
    for more in subsets(world):
        for less in subsets(world):
            if set(less) < set(more):
                risks, others = world.expected_risk(more, sizes), world.expected_risk(less, sizes)
                better = risks < others * (1 - 1e-13)
                # without a closed form the mean is finite, and less than an infinite one
                better |= np.isnan(risks) & np.isinf(others)
                star = world.crossover(more, less)
                if star is None or star >= sizes[-1]:
                    assert not better[world.rank(more) :].any()
                else:
                    assert star == 1 + max(sizes[~better], default=0), (more, less)


def test_expected_risk_is_infinite_where_least_squares_has_no_mean() -> None:
    world = WORLDS["correlated"]
    risks = world.expected_risk("text", [1, 2, 3, 4, 5])
    assert list(np.isinf(risks)) == [True, True, True, False, False]
    assert list(world.expected_train_risk("text", [1, 2]) == 0) == [True, True]
    perfect = WORLDS["without noise"]
    assert np.array_equal(
        perfect.expected_risk("text+audio+video", [3, 4, 5]), [math.nan, 0, 0], True
    )
    assert perfect.expected_risk("text", 3) == math.inf
    assert world.expected_risk("", 1) == pytest.approx(
        world.noise_variance + world.latent_quality("")
    )


def test_no_closed_form_is_given_where_least_squares_is_not_unique() -> None:
    spread = np.diag([2, 1, 1, 1, 1, 1])
    wide = LinearWorld(
        covariance=spread, blocks={"a": range(6)}, theta=np.ones(6), noise_variance=1
    )
    risks = wide.expected_risk("a", [1, 4, 5, 7, 8])
    assert np.array_equal(risks, [math.nan, math.nan, math.inf, math.inf, 7.0], True)
    assert wide.expected_risk("a", 1) is math.nan  # so that two records with it are equal


@pytest.mark.parametrize("noise", [0.0, 0.7])
@pytest.mark.parametrize("m", [1, 3, 5])
def test_least_norm_has_a_closed_form_where_the_directions_seen_are_alike(
    m: int, noise: float
) -> None:
    """Also with unseen coordinates that are correlated with those seen."""
    covariance = 1.5 * np.eye(8)
    covariance[7, 0] = covariance[0, 7] = 0.9
    blocks = {"a": range(7), "b": [7]}
    theta = [1, -1, 0.5, 2, 0.3, 1, -2, 1.1]
    world = LinearWorld(covariance=covariance, blocks=blocks, theta=theta, noise_variance=noise)
    risks, _ = many_fits(world, world.coordinates("a"), m)
    spread = 4 * risks.std(ddof=1) / math.sqrt(REPEATS)
    assert abs(risks.mean() - world.expected_risk("a", m)) <= spread


SPARE = [  # blocks, θ, the part, the least m by hand
    ([2, 1], [1, 1, 1], "0", 1),  # 3 − m against ∞, then 0
    ([1, 2], [1, 1, 1], "0", 1),  # 3 − m against ∞ at m = 1, 2
    ([1, 2], [1, 1, 0], "0", 1),
    ([2, 8], [1] * 10, "0", 1),  # at m = 4: 6 against 8·3
    ([2, 8], [9, 9] + [0.01] * 8, "0", 10),  # at m = 9: 16.2 against 0.0008·8/6
    ([3, 1], [1, 1, 1, 1], "0", 1),  # at m = 1: 3 against 3·(2/3) + 1 + 1/1
    ([3, 1], [9, 9, 9, 0.1], "0", 2),  # at m = 1: 182.2575 against 162 + 0.02
    ([3, 1], [1, 1, 1, 1], "", 1),  # 4 − m against 4
    ([4, 1], [0, 0, 0, 0, 1], "", 1),  # 1 − m/5 against 1
]


@pytest.mark.parametrize(("sizes", "theta", "less", "least"), SPARE)
def test_without_noise_fewer_examples_than_weights_can_be_enough(
    sizes: list[int], theta: list[float], less: str, least: int
) -> None:
    cuts = np.split(np.arange(sum(sizes)), np.cumsum(sizes)[:-1])
    blocks = {str(i): list(map(int, part)) for i, part in enumerate(cuts)}
    world = LinearWorld(covariance=np.eye(sum(sizes)), blocks=blocks, theta=theta, noise_variance=0)
    assert world.crossover("0+1", less) == least
    correlated = world.covariance + 0.2 * np.diag(range(sum(sizes)))  # no closed form below p but ∞
    other = LinearWorld(covariance=correlated, blocks=blocks, theta=theta, noise_variance=0)
    p, q = sum(sizes), other.rank(less)
    assert other.crossover("0+1", less) == (max(1, q - 1) if less and p - 1 <= q + 1 else p)


@pytest.mark.parametrize("noise", [0.0, 0.4])
def test_what_is_left_over_makes_few_examples_too_few(noise: float) -> None:
    """With noise or η_M > 0 the risk of the larger model is infinite at m = p + 1, whatever comes before."""
    world = LinearWorld(
        covariance=np.eye(5),
        blocks={"a": [0], "b": [1, 2], "c": [3, 4]},
        theta=[1] * 5,
        noise_variance=noise,
    )
    assert world.crossover("a+b", "a") == max(
        5, math.floor(((noise + 4) * 4 - (noise + 2) * 2) / 2) + 1
    )
    same = LinearWorld(
        covariance=np.ones((2, 2)), blocks={"a": [0], "b": [1]}, theta=[1, 1], noise_variance=0
    )
    assert same.crossover("a+b", "a") is None


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda w: w.risk([1, 2]), "weights has the shape (2,): it has to be (…, 6)"),
        (lambda w: w.risk(1), "weights has the shape ()"),
        (lambda w: w.risk([math.nan] * 6), "weights has entries that are not finite"),
        (lambda w: w.latent_quality(5), "a subset is 5"),
        (lambda w: w.latent_quality([5]), "unknown modality '5'"),
        (
            lambda w: w.fit("a", np.ones((3, 5)), np.ones(3)),
            "x has the shape (3, 5): it has to be (any, 6)",
        ),
        (
            lambda w: w.fit("a", np.ones((3, 6)), np.ones(2)),
            "y has the shape (2,): it has to be (3)",
        ),
        (lambda w: w.fit("a", "x", np.ones(2)), "x is "),
    ],
)
def test_arrays_that_do_not_fit_are_refused_in_one_line(ask: object, message: str) -> None:
    wide = LinearWorld(
        covariance=np.eye(6), blocks={"a": range(6)}, theta=np.ones(6), noise_variance=1
    )
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        ask(wide)
    assert "\n" not in str(caught.value)


def test_a_repeated_modality_adds_nothing() -> None:
    """Pseudo-inverse semantics: the rank counts, not the number of coordinates, whatever the scale."""
    for scale in (1, 1e-9, 1e9):
        twice = LinearWorld(
            covariance=np.outer([1, scale], [1, scale]),
            blocks={"a": [0], "b": [1]},
            theta=[1, 1 / scale],
            noise_variance=1,
        )
        assert (twice.rank("a"), twice.rank("a+b"), twice.latent_quality("a")) == (1, 1, 0)
        assert twice.crossover("a+b", "a") is None
        assert twice.expected_risk("a+b", 5) == twice.expected_risk("a", 5) == pytest.approx(4 / 3)
        x, y = twice.sample(50, 0)
        assert np.allclose(x[:, 1], scale * x[:, 0])
        assert x @ twice.fit("a+b", x, y) == pytest.approx(x @ twice.fit("b", x, y))
    constant = LinearWorld(covariance=[[0]], blocks={"a": [0]}, theta=[3], noise_variance=2)
    assert (constant.rank("a"), constant.latent_quality(""), constant.expected_risk("a", 1)) == (
        0,
        0,
        2,
    )


def test_factors_rebuild_the_covariance() -> None:
    for world in WORLDS.values():
        factor, pivots = pivoted_cholesky(world.covariance)
        assert np.allclose(factor @ factor.T, world.covariance)
        assert np.allclose(np.triu(factor[pivots], 1), 0)
    assert conditional(WORLDS["singular"].covariance, [0, 1, 2]).rank == 2


def test_samples_depend_on_the_seed_alone_and_have_the_covariance() -> None:
    world = WORLDS["correlated"]
    x, y = world.sample(200_000, 3)
    assert np.array_equal(x, world.sample(200_000, np.random.SeedSequence(3))[0])
    assert not np.array_equal(x[:5], world.sample(5, 4)[0])
    assert np.allclose(x.T @ x / len(x), world.covariance, atol=0.05 * np.trace(world.covariance))
    noise = y - x @ world.theta
    assert np.mean(noise**2) == pytest.approx(0.5, rel=0.02)
    assert world.risk(world.fit("text", x, y)) == pytest.approx(
        world.expected_risk("text", 200_000), rel=1e-4
    )


def test_a_world_can_be_sent_to_another_process() -> None:
    world = WORLDS["singular"]
    copy = pickle.loads(pickle.dumps(world))
    assert dict(copy.blocks) == dict(world.blocks)
    assert copy.expected_risk("text", 9) == world.expected_risk("text", 9)


def test_complexity_is_that_of_the_trace() -> None:
    world = LinearWorld(
        covariance=np.diag([1, 2, 3, 8]), blocks=BLOCKS, theta=np.ones(4), noise_variance=1
    )
    assert world.trace_complexity("text", 100, norm=2) == pytest.approx(2 * 3 / 10)


def test_proposition_1_says_what_the_world_does() -> None:
    world = WORLDS["correlated"]
    more, less = "text+audio", "text"
    numbers = {
        "noise_variance": world.noise_variance,
        "latent_quality_m": world.latent_quality(more),
        "latent_quality_n": world.latent_quality(less),
        "rank_m": world.rank(more),
        "rank_n": world.rank(less),
    }
    gap = bc.evaluate("huang2021.proposition1", variant="gap", m=11, **numbers).value
    assert gap == pytest.approx(
        world.expected_risk(more, 11) - world.expected_risk(less, 11), rel=1e-12
    )
    first = bc.evaluate("huang2021.proposition1", variant="crossover", **numbers).value
    assert first == world.crossover(more, less)
    with pytest.raises(InputError, match=r"needs m ≥ rank_m \+ 2"):
        bc.evaluate("huang2021.proposition1", variant="gap", m=4, **numbers)
    with pytest.raises(InputError, match="latent_quality_m is at most latent_quality_n"):
        bc.evaluate(
            "huang2021.proposition1", variant="gap", m=9, **(numbers | {"latent_quality_m": 99})
        )


GOOD = {
    "covariance": np.eye(2),
    "blocks": {"a": [0], "b": [1]},
    "theta": [1, 1],
    "noise_variance": 1,
}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"covariance": [[1, 2], [2, 1]]},
            "not positive semidefinite: it has the eigenvalue -1; 1 more",
        ),
        (
            {"covariance": [[1, 0.2], [0.1, 1]]},
            r"not symmetric: entry \[0, 1\] is 0.2, entry \[1, 0\] is 0.1",
        ),
        ({"covariance": [[1, 0]]}, r"shape \(1, 2\): it has to be square"),
        ({"covariance": [[1, math.nan], [0, 1]]}, r"covariance\[0, 1\] is nan"),
        ({"covariance": [[1, 0], [0]]}, "not a matrix of numbers"),
        ({"blocks": {"a": [0, 1], "b": [1]}}, "blocks overlap: coordinate 1 is in 'a' and in 'b'"),
        ({"blocks": {"a": [0, 0], "b": [1]}}, "coordinate 0 is twice in 'a'"),
        ({"blocks": {"a": [0]}}, "blocks leave a gap: coordinate 1 "),
        (
            {"blocks": {"a": [0], "b": [2]}},
            "a coordinate of 'b' is 2: it has to be a whole number from 0 to 1",
        ),
        ({"blocks": {"a": [0, 1], "b": []}}, "'b' has no coordinates"),
        ({"blocks": {"a": 0}}, "'a' is 0: give a list"),
        ({"blocks": {"a+b": [0, 1]}}, "cannot name a modality"),
        ({"blocks": []}, "it has to map each modality"),
        ({"theta": [1]}, r"theta has the shape \(1,\): it has to be 2 finite numbers"),
        ({"theta": "ab"}, "theta is ab"),
        ({"noise_variance": -1}, "noise_variance is -1: it has to be a finite number ≥ 0"),
        ({"noise_variance": "much"}, "noise_variance is much: it has to be a number"),
    ],
)
def test_bad_worlds_are_refused_in_one_line(changed: dict, message: str) -> None:
    with pytest.raises(InputError, match=message) as refusal:
        LinearWorld(**(GOOD | changed))
    assert "\n" not in str(refusal.value)


def test_bad_questions_are_refused() -> None:
    world = LinearWorld(**GOOD)
    with pytest.raises(UnknownNameError, match="unknown modality 'c'"):
        world.latent_quality("a+c")
    with pytest.raises(InputError, match="'b' is not a part of 'a'; compare nested subsets"):
        world.crossover("a", "b")
    for m in (0, 2.5, "many", math.nan):
        with pytest.raises(InputError, match=r"m is .*: it has to be a whole number"):
            world.expected_risk("a", m)
    for seed in (-1, "x"):
        with pytest.raises(InputError, match="seed is"):
            world.sample(3, seed)
