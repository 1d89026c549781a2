"""The split: every example once, sizes by shares, a function of the seed alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundcalc.data.fit.preparation import split
from boundcalc.errors import InputError


@settings(max_examples=30, deadline=None)
@given(
    m=st.integers(3, 400),
    weights=st.lists(st.integers(1, 9), min_size=1, max_size=3),
    seed=st.integers(0, 2**64 - 1),
)
def test_every_example_is_in_one_part(m, weights, seed):
    shares = [w / sum(weights) for w in weights]
    parts = split(m, shares, seed=seed, least=0)
    assert sorted(np.concatenate(parts).tolist()) == list(range(m))
    for part, share in zip(parts, shares, strict=True):
        assert abs(len(part) - m * share) < 1 + 1e-6
        assert np.all(np.diff(part) > 0)


def test_the_seed_decides():
    first, again, other = (split(500, [0.2, 0.8], seed=s) for s in (3, 3, 4))
    assert np.array_equal(first[0], again[0])
    assert not np.array_equal(first[0], other[0])


def test_each_example_is_equally_likely_in_each_part():
    """20,000 splits of 5 into 2 and 3: a mistake in the shuffle shows in the 25 frequencies."""
    counts = np.zeros(5)
    for seed in range(20_000):
        counts[split(5, [0.4, 0.6], seed=seed)[0]] += 1
    assert np.all(np.abs(counts / 20_000 - 0.4) < 4.5 * np.sqrt(0.24 / 20_000))


@pytest.mark.parametrize(
    ("m", "shares", "options", "says"),
    [
        (10, [], {}, "not positive numbers"),
        (10, [0.5, -0.5], {}, "not positive numbers"),
        (10, [0.5, 0.4], {}, "add up to 0.9"),
        (10, [0.01, 0.99], {"least": 2}, "10 examples are too few"),
        (10, [1.0], {"seed": -1}, "seed = -1"),
    ],
)
def test_bad_input(m, shares, options, says):
    with pytest.raises(InputError, match=says):
        split(m, shares, **options)
