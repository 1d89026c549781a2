"""Estimated complexities: against exact enumeration, and as real data are read."""

from __future__ import annotations

import itertools
import json
import math
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from files import ROOT

import boundcalc as bc
from boundcalc.conventions import Average, Side, Signs
from boundcalc.data.arrays import as_dataset, read_dataset
from boundcalc.data.estimate import estimate as module
from boundcalc.data.estimate.estimate import controlled_mean
from boundcalc.data.estimate.row_blocks import TILE, NoiseSource, RowBlocks
from boundcalc.data.estimate.suprema import LinearBall, projected_suprema
from boundcalc.errors import ConventionError, DomainError, InputError, UnknownNameError

Run = Callable[..., tuple[int, str, str]]
M = 14
ALL_SIGNS = np.array(list(itertools.product((-1.0, 1.0), repeat=M)))
X14 = np.random.default_rng(14).standard_normal((M, 3)) + np.array([0, 0, 1])
DUAL = {1: np.inf, 2: 2, 3: 1.5, np.inf: 1}


def exact_ball(X: np.ndarray, p: float) -> float:
    """The mean over all signs, by NumPy's own norm."""
    return float(np.linalg.norm(ALL_SIGNS @ X, ord=DUAL[p], axis=1).mean()) / M


def gram(X: np.ndarray, gamma: float) -> np.ndarray:
    return np.exp(-gamma * ((X[:, None] - X[None]) ** 2).sum(axis=2))


def exact_outputs(X: np.ndarray, k: int) -> float:
    """One sign for each example and output."""
    signs = np.array(list(itertools.product((-1.0, 1.0), repeat=len(X) * k))).reshape(-1, k, len(X))
    return float(np.linalg.norm(signs @ X, axis=(1, 2)).mean()) / len(X)


def exact_kernel(K: np.ndarray) -> float:
    return float(np.sqrt(np.einsum("ki,ij,kj->k", ALL_SIGNS, K, ALL_SIGNS)).mean()) / M


def exact_finite(F: np.ndarray) -> float:
    return float((ALL_SIGNS @ F).max(axis=1).mean()) / M


CASES = {
    **{f"p={p}": (lambda p=p: ({"p": p}, X14, exact_ball(X14, p))) for p in DUAL},
    "rbf": lambda: (
        {"kind": "kernel", "kernel": "rbf", "gamma": 0.5},
        X14,
        exact_kernel(gram(X14, 0.5)),
    ),
    "gram": lambda: (
        {"kind": "kernel", "kernel": "precomputed"},
        gram(X14, 1),
        exact_kernel(gram(X14, 1)),
    ),
    "finite": lambda: ({"kind": "finite"}, X14, exact_finite(X14)),
    "three outputs": lambda: ({"outputs": 3}, X14[:5], exact_outputs(X14[:5], 3)),
}


@pytest.mark.parametrize("case", CASES)
def test_against_all_signs(case: str) -> None:
    options, X, exact = CASES[case]()
    found = bc.estimate(X, draws=4000, **options)
    assert abs(found.value - exact) <= 3.5 * found.standard_error
    assert abs(found.mean - exact) <= 3.5 * found.plain_standard_error
    assert found.lower(0.01).value <= exact <= found.upper(0.01).value
    if found.ceiling is not None:
        assert exact <= found.ceiling


@pytest.mark.parametrize("p", [2, np.inf])
def test_the_standard_error_is_honest_and_the_limit_holds(p: float) -> None:
    """1,000 trials: within three standard errors in 99 % of them; the 80 % limit fails in at most 20 %."""
    exact, trials, within, covered = exact_ball(X14, p), 1000, 0, 0
    for seed in range(trials):
        found = bc.estimate(X14, p=p, draws=200, seed=seed)
        within += abs(found.value - exact) <= 3 * found.standard_error
        covered += found.upper(0.2).value >= exact
    assert within >= 0.99 * trials
    assert covered >= 0.8 * trials


def test_the_control_variate_is_unbiased() -> None:
    rng = np.random.default_rng(0)
    z = rng.chisquare(2, size=(4000, 100))
    means = np.array([controlled_mean(np.sqrt(row), row, 2.0)[0] for row in z])
    exact = math.sqrt(math.pi / 2)
    assert abs(means.mean() - exact) <= 4 * means.std() / math.sqrt(len(means))


@pytest.mark.parametrize("n", [20, 99, 100])
def test_the_standard_error_is_honest_for_few_draws(n: int) -> None:
    """|g| with the control g²; fewer than 100 draws are not corrected, since the correction is then overrated."""
    rng = np.random.default_rng(0)
    g = rng.standard_normal((2000, n))
    found = [controlled_mean(np.abs(row), row**2, 1.0) for row in g]
    within = [abs(mean - math.sqrt(2 / math.pi)) <= 3 * error for mean, error, _ in found]
    assert np.mean(within) >= 0.98
    assert (found[0][2] == n - 2) == (n >= 100)


@pytest.mark.parametrize("name", ["breast_cancer", "digits"])
def test_the_control_variate_lowers_the_variance_tenfold(name: str) -> None:
    import sklearn.datasets as datasets

    X = getattr(datasets, f"load_{name}")().data
    X = X[:, X.std(axis=0) > 0]
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    runs = [bc.estimate(X, draws=100, seed=seed) for seed in range(40)]
    plain, better = np.var([r.mean for r in runs]), np.var([r.value for r in runs])
    assert plain >= 10 * better
    assert np.median([r.variance_reduction for r in runs]) >= 10


@pytest.mark.parametrize("gap", [0.0, 1e8])
def test_a_gaussian_kernel_sees_small_distances_far_from_the_mean(gap: float) -> None:
    """Two clusters: the matrix from ‖x‖² + ‖x′‖² − 2 ⟨x, x′⟩ would be wrong inside each of them."""
    X = np.random.default_rng(1).integers(-3, 4, size=(12, 2)) / 2.0
    X[::2] += gap
    K = np.exp(-((X[:, None] - X[None]) ** 2).sum(axis=2))
    found = bc.estimate(X, "kernel", kernel="rbf", gamma=1.0, draws=100)
    given = bc.estimate(K, "kernel", kernel="precomputed", draws=100)
    assert abs(found.mean - given.mean) <= found.rounding + given.rounding


@pytest.mark.parametrize("scale", [1e-30, 1e-22, 1.0, 1e20])
def test_float32_squares_neither_vanish_nor_overflow(scale: float) -> None:
    X = (np.random.default_rng(2).standard_normal((20, 7)) * scale).astype(np.float32)
    single, double = bc.estimate(X, draws=100), bc.estimate(X.astype(np.float64), draws=100)
    assert single.ceiling / double.ceiling == pytest.approx(1, rel=1e-5)
    assert single.upper().value / double.upper().value == pytest.approx(1, rel=1e-5)


def test_the_ceiling_is_above_one_example_of_float32() -> None:
    """m = 1: R̂_S is ‖x‖₂ itself, so a ceiling that rounding lowers is wrong."""
    for seed in range(40):
        x = np.random.default_rng(seed).random((1, 1000)).astype(np.float32)
        assert bc.estimate(x, draws=2).ceiling >= np.linalg.norm(x.astype(np.float64))


def test_numbers_whose_squares_vanish_are_refused() -> None:
    with pytest.raises(InputError, match="too small to be squared"):
        bc.estimate(np.full((3, 2), 1e-170), draws=4)
    assert bc.estimate(np.zeros((3, 2)), draws=4).ceiling == 0


def test_gaussian_complexity_of_a_line_is_known() -> None:
    x = np.arange(1.0, 8.0)[:, None]
    exact = math.sqrt(2 / math.pi) * float(np.linalg.norm(x)) / 7
    found = bc.estimate(x, noise="gaussian", draws=20_000)
    assert abs(found.value - exact) <= 3.5 * found.standard_error
    assert found.upper(0.01).value >= exact
    assert found.symbol == "Ĝ_S(F)"
    assert found.upper().event.endswith("(Gaussian concentration)")


def test_a_linear_kernel_is_the_ball_and_so_is_its_matrix() -> None:
    ball = bc.estimate(X14, norm=2.5, seed=3)
    assert bc.estimate(X14, "kernel", norm=2.5, seed=3).value == ball.value
    given = bc.estimate(X14 @ X14.T, "kernel", kernel="precomputed", norm=2.5, seed=3)
    assert given.value == pytest.approx(ball.value, rel=1e-12)
    assert given.bound == pytest.approx(ball.bound, rel=1e-12)


def test_scale_and_shift() -> None:
    plain = bc.estimate(X14, norm=1)
    assert bc.estimate(X14, norm=3).value == pytest.approx(3 * plain.value, rel=1e-12)
    assert bc.estimate(4 * X14).value == pytest.approx(4 * plain.value, rel=1e-12)
    shifted = X14 + np.arange(14.0)[:, None]
    one, two = (bc.estimate(F, "finite") for F in (X14, shifted))
    assert two.value == pytest.approx(one.value, rel=1e-9)


def test_the_noise_is_a_function_of_seed_draw_and_example() -> None:
    for gaussian in (False, True):
        whole = NoiseSource(5, gaussian=gaussian)(range(24), range(0, TILE)).copy()
        part = NoiseSource(5, gaussian=gaussian)(range(8, 20), range(64, 1000))
        assert np.array_equal(part, whole[8:20, 64:1000])
        assert not np.array_equal(
            NoiseSource(6, gaussian=gaussian)(range(24), range(0, TILE)), whole
        )
        other = NoiseSource(5, gaussian=gaussian)(range(24), range(TILE, 2 * TILE))
        assert abs(np.corrcoef(whole.ravel(), other.ravel())[0, 1]) < 0.02
        assert abs(whole.mean()) < 0.02
        assert abs(whole.var() - 1) < 0.03
    assert set(
        np.unique(NoiseSource(0, gaussian=False, dtype=np.float32)(range(8), range(13)))
    ) == {
        -1.0,
        1.0,
    }


def test_the_first_draws_of_a_longer_run_are_those_of_a_shorter_one() -> None:
    rows, ball = RowBlocks(X14), LinearBall(2.0)
    short, long = (
        projected_suprema(rows, ball, draws=k, seed=9, gaussian=False).values for k in (60, 100)
    )
    assert np.allclose(long[:60], short, rtol=1e-12, atol=0)
    assert bc.estimate(X14, draws=60, seed=9) == bc.estimate(X14, draws=60, seed=9)
    assert bc.estimate(X14, draws=60, seed=9).mean != bc.estimate(X14, draws=60, seed=8).mean


def big(dtype: type) -> np.ndarray:
    return np.random.default_rng(1).standard_normal((5003, 40)).astype(dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_streams_give_the_same_bits(dtype: type, tmp_path: Path) -> None:
    X = big(dtype)
    here = bc.estimate(X, draws=64)
    assert here.precision == np.dtype(dtype).name
    np.save(tmp_path / "x.npy", X)
    there = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert isinstance(there, np.memmap)
    assert bc.estimate(there, draws=64) == here
    assert bc.estimate(read_dataset(tmp_path / "x.npy"), draws=64).value == here.value
    assert bc.estimate(np.asfortranarray(X), draws=64) == here
    import dask.array as array

    assert bc.estimate(array.from_array(X, chunks=(700, 11)), draws=64) == here


def test_a_mapped_file_is_read_in_blocks(tmp_path: Path) -> None:
    X = np.lib.format.open_memmap(
        tmp_path / "x.npy", mode="w+", dtype=np.float32, shape=(60_000, 200)
    )
    X[:] = 1.0
    X[:, 0] = np.arange(60_000) % 7
    del X
    tracemalloc.start()
    bc.estimate(np.load(tmp_path / "x.npy", mmap_mode="r"), draws=16)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 * 2**20  # the file has 48 MB


def test_single_precision_agrees_with_double_and_its_error_is_allowed_for() -> None:
    single, double = bc.estimate(big(np.float32)), bc.estimate(big(np.float32).astype(float))
    assert single.value == pytest.approx(double.value, rel=1e-6)
    assert abs(single.mean - double.mean) <= single.rounding <= 0.1 * single.mean
    assert single.upper().value >= double.upper().value


def test_wide_data_and_many_draws_are_cut_into_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    from boundcalc.data.estimate import suprema

    X = big(np.float64)[:300]
    one = bc.estimate(X, draws=100)
    monkeypatch.setattr(suprema, "_DRAWS_BYTES", 1)
    cut = bc.estimate(X, draws=100)
    assert cut.value == pytest.approx(one.value, rel=1e-12)
    wide = np.random.default_rng(0).standard_normal((40, 9000))
    found = bc.estimate(wide, draws=104)
    assert found.notes == ("There are more features (9,000) than examples (40).",)
    assert found.value <= found.ceiling


def test_a_classifier_is_below_the_supremum() -> None:
    from sklearn.tree import DecisionTreeClassifier

    # stumps on one feature: 2 signs for each of the thresholds that the sample can tell apart
    x = np.sort(np.random.default_rng(0).standard_normal(M))[:, None]
    cuts = np.array([np.where(np.arange(M) < k, -1.0, 1.0) for k in range(M + 1)]).T
    exact = exact_finite(np.hstack([cuts, -cuts]))
    found = bc.estimate(x, "sklearn", model=DecisionTreeClassifier(max_depth=1), draws=300)
    assert 0 < found.value <= exact + 3 * found.standard_error
    assert found.side is Side.LOWER
    assert found.lower(0.01).value <= exact
    assert "lower bound" in found.status
    with pytest.raises(ConventionError, match="no upper limit"):
        found.upper()
    again = bc.estimate(x, "sklearn", model=DecisionTreeClassifier(max_depth=1), draws=300)
    assert again == found


def test_what_the_record_says() -> None:
    found = bc.estimate(X14, draws=500)
    assert (found.average, found.signs, found.output.value) == (
        Average.EMPIRICAL,
        Signs.SIGNED,
        "scalar",
    )
    assert found.side is None
    assert "an estimate, not a bound" in found.status
    assert not found.interval().guarantee
    assert found.interval(0.99).upper > found.interval(0.9).upper
    assert (found.upper(0.1).cost, found.upper(0.1).guarantee) == (0.1, True)
    margin = found.bound * math.sqrt(2 * math.log(20) / (M * 500))
    assert float(found.upper(0.05)) == pytest.approx(found.mean + margin, rel=1e-9)
    assert found.bound == pytest.approx(np.linalg.norm(X14) / math.sqrt(M))
    assert found.largest == pytest.approx(np.linalg.norm(X14, axis=1).max())
    record = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert record["interval"]["guarantee"] is False
    assert record["upper_limit"] == found.upper(0.05).value


def test_modalities_of_a_data_set() -> None:
    data = as_dataset({"a": X14, "b": np.ones((M, 2))})
    assert bc.estimate(data, modalities=["a"]).value == bc.estimate(X14).value
    both = bc.estimate(data)
    assert both.value == bc.estimate(np.hstack([X14, np.ones((M, 2))])).value
    assert both.notes == ("Modality 'b': 2 columns are constant: 1, 2.",)
    with pytest.raises(UnknownNameError, match="modality"):
        bc.estimate(data, modalities=["c"])


def test_the_envelope_of_a_finite_class_is_half_the_range() -> None:
    F = np.array([[5.0, 7.0, 6.0], [-1.0, 3.0, 0.0]])
    found = bc.estimate(F, "finite")
    assert (found.bound, found.largest) == (pytest.approx(math.sqrt((1 + 4) / 2)), pytest.approx(2))


def test_one_class_cannot_be_fitted_and_counts_as_the_least() -> None:
    from sklearn.tree import DecisionTreeClassifier

    assert bc.estimate([[1.0]], "sklearn", model=DecisionTreeClassifier(), draws=4).value == -1


def test_degenerate_data() -> None:
    zero = bc.estimate(np.zeros((5, 2)))
    assert (zero.value, zero.standard_error, zero.upper().value) == (0, 0, 0)
    assert bc.estimate(np.ones((1, 1)), draws=2).value == 1
    assert bc.estimate([1, 2, 3], draws=2).features == 1
    assert bc.estimate(np.full((4, 3), 1e-120), p=1.01).value > 0


BAD = [
    ({"kind": "liner"}, UnknownNameError, "did you mean 'linear'"),
    ({"noise": "normal"}, UnknownNameError, "unknown noise"),
    ({"kind": "kernel", "kernel": "rfb"}, UnknownNameError, "did you mean 'rbf'"),
    ({"kind": "kernel", "kernel": "rbf"}, InputError, "gamma"),
    ({"gamma": 1}, InputError, "gamma is for"),
    ({"kind": "sklearn"}, InputError, "needed there"),
    ({"kind": "sklearn", "model": object()}, InputError, "must be a scikit-learn classifier"),
    ({"kind": "finite", "p": 1}, InputError, "p has no meaning"),
    ({"kind": "finite", "norm": 2}, InputError, "norm has no meaning"),
    ({"p": 0.5}, DomainError, "p = 0.5"),
    ({"p": math.nan}, DomainError, "p = nan"),
    ({"norm": 0}, DomainError, "norm"),
    ({"norm": -1}, DomainError, "norm"),
    ({"draws": 1}, DomainError, "draws = 1"),
    ({"draws": 10**6, "outputs": 11}, DomainError, "draws · outputs = 11,000,000"),
    ({"draws": 10**9}, DomainError, "draws"),
    ({"draws": 10.5}, InputError, "whole number"),
    ({"seed": -1}, DomainError, "seed = -1"),
    ({"modalities": ["a"]}, InputError, "data set"),
    ({"kind": "kernel", "kernel": "precomputed"}, InputError, "a kernel matrix is square"),
]


@pytest.mark.parametrize(("options", "error", "says"), BAD, ids=lambda x: str(x)[:30])
def test_bad_options(options: dict, error: type, says: str) -> None:
    with pytest.raises(error, match=says):
        bc.estimate(X14, **options)


BAD_DATA = [
    ([[1.0, 2.0], [np.nan, 1.0]], "X, row 2, column 1 is missing"),
    ([[1.0, np.inf], [0.0, 1.0]], "X, row 1, column 2 is infinite"),
    ([[1.0], [2.0, 3.0]], "differ in length"),
    ([["a", "b"]], "must hold numbers"),
    (np.zeros((0, 3)), "shape"),
    (np.zeros((2, 2, 2)), "shape"),
    (np.array([[object()]]), "row 1, column 1 holds .*; features are numbers"),
    (np.ma.masked_array([[1.0, 2.0]], [[True, False]]), "masked"),
    (np.full((3, 2), 1e308), "too large"),
    (np.full((3, 2), 3e38, dtype=np.float32), "too large"),
    ({"a": X14}, "as_dataset"),
]


@pytest.mark.parametrize(("X", "says"), BAD_DATA, ids=lambda x: str(x)[:20].replace("\n", " "))
def test_bad_data(X: object, says: str) -> None:
    with pytest.raises(InputError, match=says):
        bc.estimate(X)


def test_no_kernel_matrix() -> None:
    for K, says in (
        ([[1.0, 0.5], [0.2, 1.0]], "not symmetric"),
        ([[1.0, 2.0], [2.0, 1.0]], "larger than"),
        ([[-1.0, 0.0], [0.0, 1.0]], "no negative entry"),
        (np.eye(4) * 1.1 - 0.9 * (1 - np.eye(4)), "not positive semidefinite"),
        ([[1.0, np.nan], [np.nan, 1.0]], "missing"),
    ):
        with pytest.raises(InputError, match=says):
            bc.estimate(np.array(K), "kernel", kernel="precomputed")


def test_other_arrays() -> None:
    import dask.array as array
    import pandas

    frame = pandas.DataFrame(X14, columns=list("abc"))
    assert bc.estimate(frame).value == bc.estimate(X14).value
    with pytest.raises(InputError, match="X holds text: make a data set of it"):
        bc.estimate(frame.assign(t="x"))
    unknown = array.from_array(X14, chunks=7)
    with pytest.raises(InputError, match="compute_chunk_sizes"):
        bc.estimate(unknown[unknown[:, 0] > 0])


def test_progress_is_told() -> None:
    seen = []
    bc.estimate(big(np.float32), draws=8, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert module.KINDS == ("linear", "kernel", "finite", "sklearn")


CANCER = str(ROOT / "examples" / "breast_cancer.csv")


@pytest.mark.parametrize(
    "options", [["-m", "mean"], ["--class", "finite"], ["--p", "inf", "--noise", "gaussian"]]
)
def test_the_command_agrees_with_the_function(options: list[str], run: Run) -> None:
    code, out, err = run("estimate", CANCER, "--draws", "100", "-f", "json", *options)
    assert (code, err) == (0, "")
    record = json.loads(out)
    read = read_dataset(CANCER)
    kind = "finite" if "finite" in options else "linear"
    gaussian = {"p": math.inf, "noise": "gaussian"} if "inf" in options else {}
    chosen = ["mean"] if "-m" in options else None
    assert (
        record["value"] == bc.estimate(read, kind, draws=100, modalities=chosen, **gaussian).value
    )
    assert record["modalities"] == (chosen or ["mean", "error", "worst"])


def test_the_command_fits_a_classifier_and_eighty_columns(
    monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    arguments = [CANCER, "-c", "sklearn", "--model", "GaussianNB", "--draws", "10"]
    code, out, _ = run("estimate", *arguments)
    assert code == 0
    assert "lower bound" in " ".join(out.split())
    assert max(len(line.rstrip()) for line in out.splitlines()) <= 80


TREE = [CANCER, "--class", "sklearn", "--model", "DecisionTreeClassifier", "--draws", "4"]


def test_parameters_of_a_classifier(run: Run) -> None:
    settings = ["--set", "max_depth=1", "--set", "ccp_alpha=0.5", "--set", "criterion=entropy"]
    for extra, value in (([], 1), (["--set", "max_depth=none"], 1), (settings, None)):
        code, out, _ = run("estimate", *TREE, "-f", "json", *extra)
        assert code == 0
        assert value is None or json.loads(out)["value"] == pytest.approx(value)
    shown = json.loads(out)
    assert shown["parameters"]["model"] == (
        "DecisionTreeClassifier(ccp_alpha=0.5, criterion='entropy', max_depth=1)"
    )
    assert shown["value"] < 0.5


BAD_COMMANDS = [
    ([CANCER, "--outputs", "0"], "outputs = 0"),
    ([CANCER, "--outputs", "2", "--p", "1"], "outputs = 2 is for the class linear with p = 2"),
    ([CANCER, "--outputs", "2", "--class", "finite"], "outputs = 2 is for the class linear"),
    ([CANCER, "--class", "liner"], "did you mean 'linear'"),
    ([CANCER, "--modality", "man"], "did you mean 'mean'"),
    ([CANCER, "--modality", "mean", "--modality", "mean"], "once"),
    ([CANCER, "--p", "0.5"], "p = 0.5"),
    ([CANCER, "--p", "x"], "p must be a number"),
    ([CANCER, "--norm", "0"], "norm"),
    ([CANCER, "--draws", "1"], "draws = 1"),
    ([CANCER, "--draws", "2.5"], "whole number"),
    ([CANCER, "--seed", "-1"], "seed"),
    ([CANCER, "--noise", "white"], "noise must be rademacher or gaussian, not 'white'"),
    ([CANCER, "--delta", "1"], "--delta = 1 is"),
    ([CANCER, "--class", "kernel", "--kernel", "rbf"], "gamma"),
    ([CANCER, "--class", "kernel", "--kernel", "precomputed"], "square"),
    ([CANCER, "--class", "sklearn"], "model"),
    (
        [CANCER, "--class", "sklearn", "--model", "LogisticRegresion"],
        "did you mean 'LogisticRegression'",
    ),
    ([CANCER, "--class", "sklearn", "--model", "os.system"], "unknown classifier"),
    (
        [*TREE, "--set", "max_dept=2"],
        "unknown parameter 'max_dept' of DecisionTreeClassifier; did you mean",
    ),
    ([*TREE, "--set", "max_depth"], "--set: expected NAME=VALUE"),
    ([*TREE, "--set", "max_depth=deep"], "'max_depth' parameter"),
    ([CANCER, "--set", "max_depth=2"], "--set is for the classifier"),
    ([CANCER, "-o", "no/such/folder/x.json"], "cannot write"),
    (["none.npz"], "none.npz: no such file"),
]


@pytest.mark.parametrize(("arguments", "says"), BAD_COMMANDS, ids=lambda x: str(x)[-30:])
def test_bad_commands(arguments: list[str], says: str, refused: Callable[..., str]) -> None:
    assert says in refused("estimate", *arguments, "-f", "json")
