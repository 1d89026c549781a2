"""Networks from their weights: against plain NumPy, hostile files, and layers put together."""

import dataclasses
import json
import math
from fractions import Fraction

import numpy as np
import pytest

import boundcalc as bc
from boundcalc.data.network import _rounded_up
from boundcalc.data.weights import (
    frobenius_norm,
    fused,
    layers_of,
    read_weights,
    row_norm,
    spectral_norm,
)
from boundcalc.errors import InputError

RNG = np.random.default_rng(3)
TWO = {
    "fc1.weight": RNG.normal(size=(8, 5)) / 3,
    "fc2.weight": RNG.normal(size=(1, 8)) / 3,
}
MARGIN = {"margin": 0.5, "delta": 0.05, "train_loss": 0.02}


def on_grid(norm, steps=4):
    """The first 2^(k/steps) that is not below, and the weight of k, by itself."""
    k = math.ceil(steps * math.log2(norm))
    return 2 ** (k / steps), 2 / (3 * (abs(k) + 1) * (abs(k) + 2))


def test_the_bounds_are_those_of_a_plain_computation():
    m = 10_000
    found = bc.network(TWO, m=m, radius=2.0, **MARGIN)
    W1, W2 = TWO.values()
    product = np.linalg.norm(W1) * np.linalg.norm(W2)
    R = 2 * (math.sqrt(2 * math.log(2) * 2) + 1) * product / math.sqrt(m)
    size, weight = on_grid(product)
    chances = math.log(1 / (weight * 0.05))
    risk = 0.02 + 2 * R * size / product / 0.5 + math.sqrt(chances / (2 * m))
    first, second = found.bounds
    assert first.value == pytest.approx(R, rel=1e-12)
    assert first.risk == pytest.approx(risk, rel=1e-12)
    assert f"w = 1/{round(1 / weight):,}: so the norms may be chosen" in first.formula
    s = [np.linalg.norm(W, 2) for W in (W1, W2)]
    b = [np.linalg.norm(W, axis=1).sum() for W in (W1, W2)]
    spread = sum((y / x) ** (2 / 3) for x, y in zip(s, b, strict=True)) ** 1.5
    frobenius = 2 * math.sqrt(m)
    root = frobenius / 0.5 * math.sqrt(math.log(2 * 8**2)) * math.prod(s) * spread
    assert second.value == 0.5
    assert 12 * root > m  # so that only ½ is left
    big = 10**9
    found = bc.network(TWO, m=big, radius=2.0, **MARGIN).bounds[1]
    root *= math.sqrt(big / m)
    R = 12 * root / big * (1 + math.log(big / (12 * root)))
    assert found.value == pytest.approx(R, rel=1e-11)
    s, first = zip(*(on_grid(x, 8) for x in s), strict=True)
    b, second = zip(*(on_grid(x) for x in b), strict=True)
    spread = sum((y / x) ** (2 / 3) for x, y in zip(s, b, strict=True)) ** 1.5
    root = 2 * math.sqrt(big) / 0.5 * math.sqrt(math.log(2 * 8**2)) * math.prod(s) * spread
    R = 12 * root / big * (1 + math.log(big / (12 * root)))
    chances = math.log(20 / math.prod(first + second))
    assert found.risk == pytest.approx(0.02 + 2 * R + math.sqrt(2 * chances / big), rel=1e-11)


def test_the_size_of_the_data_may_be_given():
    m, product = 2500, np.linalg.norm(TWO["fc1.weight"]) * np.linalg.norm(TWO["fc2.weight"])
    c = math.sqrt(2 * math.log(2) * 2) + 1
    first = bc.network(TWO, m=m, frobenius=90.0, **MARGIN).bounds[0]
    assert first.value == pytest.approx(90 * c * product / m, rel=1e-11)
    size, weight = on_grid(product)
    risk = 0.02 + 4 * 90 * c * size / m + math.sqrt(2 * math.log(1 / (weight * 0.05)) / m)
    assert first.risk == pytest.approx(risk, rel=1e-11)
    shifted = {**TWO, "fc2.bias": np.zeros(1)}  # a bias of 0: every input has one more coordinate
    first, _ = bc.network(shifted, m=m, frobenius=90.0).bounds
    top = math.hypot(np.linalg.norm(TWO["fc1.weight"]), 1) * np.linalg.norm(TWO["fc2.weight"])
    assert first.value == pytest.approx(math.sqrt(90**2 + m) * c * top / m, rel=1e-11)


def test_all_points_of_the_grid_are_paid_for_together():
    mpmath = pytest.importorskip("mpmath")
    with mpmath.workdps(50):
        half = mpmath.nsum(lambda k: mpmath.mpf(2) / (3 * (k + 1) * (k + 2)), [1, mpmath.inf])
        assert abs(mpmath.mpf(1) / 3 + 2 * half - 1) < mpmath.mpf(10) ** -45
    for scale in (2.0**-30, 0.25, 1.0, 1.0001, 8 * (1 + 2.0**-50), 3e4, 2.0**900):
        for finer in (1, 2, 7):
            (size, weight), steps = _rounded_up(scale, "norm", finer), 4 * finer
            k = round(steps * math.log2(size))
            assert size == 2.0 ** (k / steps) >= scale
            assert weight == Fraction(2, 3 * (abs(k) + 1) * (abs(k) + 2))
            assert size == 2.0**-10 or 2.0 ** ((k - 1) / steps) < scale


def test_a_larger_norm_never_costs_less_than_the_grid_says():
    """Norms fixed before the data are cheaper, and the choice costs at most 2^(1/2) and ln(1/w)."""
    m = 10**10
    for scale in (0.3, 1.0, 7.0):
        W = {name: scale * X for name, X in TWO.items()}
        for bound in bc.network(W, m=m, radius=1, **MARGIN).bounds:
            slope = 1 if "ℓ" in bound.statement else 1 / 0.5
            fixed = 0.02 + 2 * slope * bound.value
            assert fixed < bound.risk < 0.02 + 1.5 * 2 * slope * bound.value + 0.001


def test_sizes_at_the_ends_of_the_floats():
    """No square of a size vanishes or overflows, and no power of two is beyond the floats."""
    W = {"a": np.array([[1e150]]), "b": np.array([[1e50]])}
    first, second = bc.network(W, m=100, radius=1e-190, **MARGIN).bounds
    c = math.sqrt(2 * math.log(2) * 2) + 1
    assert first.value == pytest.approx(1e10 * c / 10, rel=1e-11)
    assert second.value == 0.5
    assert bc.network(W, m=100, frobenius=1e-190).bounds[0].value == pytest.approx(1e10 * c / 100)
    assert "larger than any" in bc.network(TWO, m=100, radius=1e200).bounds[0].reason
    for top in (1e154, 1e200):
        huge = {name: np.array([[top]]) for name in ("a", "b")}
        assert "too large" in bc.network(huge, m=100, radius=1, **MARGIN).bounds[0].reason


def test_a_product_that_underflows_on_the_way_is_no_small_product():
    """1e-200 · 1e-150 is no float, and the product of all four is 1."""
    given = {"m": 10_000, "radius": 1.0, "margin": 1.0, "delta": 0.05, "train_loss": 0.1}
    orders = ([1e-200, 1e-150, 1e200, 1e150], [1e200, 1e-200, 1e150, 1e-150])
    risks = []
    for sizes in orders:
        layers = {f"fc{i}": np.array([[size]]) for i, size in enumerate(sizes)}
        bound = bc.network(layers, **given).bounds[0]
        assert bound.risk > given["train_loss"] + 2 * bound.value
        risks.append(bound.risk)
    assert risks[0] == risks[1]


def test_a_hand_checked_network():
    W = {"a1": np.array([[3.0, 0.0], [0.0, 4.0]]), "a2": np.array([[1.0, 1.0]])}
    first, second = bc.network(W, m=100, radius=1).layers
    assert (first.frobenius, first.spectral, first.distance) == pytest.approx((5, 4, 7), rel=1e-12)
    assert second.frobenius == pytest.approx(math.sqrt(2), rel=1e-12)
    assert first.frobenius >= 5
    assert first.spectral >= 4
    assert first.distance >= 7


@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (30, 7), (7, 30), (1, 50), (120, 90)])
@pytest.mark.parametrize("scale", [1e-160, 1.0, 1e150])
def test_norms_are_never_below_and_hardly_above(shape, scale):
    mpmath = pytest.importorskip("mpmath")
    W = RNG.normal(size=shape) * scale
    with mpmath.workdps(40):
        exact = mpmath.sqrt(sum(mpmath.mpf(float(x)) ** 2 for x in W.ravel()))
        assert exact <= frobenius_norm(W) <= exact * (1 + 1e-11)
        rows = sum(mpmath.sqrt(sum(mpmath.mpf(float(x)) ** 2 for x in row)) for row in W)
        assert rows <= row_norm(W) <= rows * (1 + 1e-11)
        if W.size < 250:
            s = mpmath.svd_r(mpmath.matrix((W / scale).tolist()), compute_uv=False)[0]
            assert s * (1 - mpmath.mpf(2) ** -52) * scale <= spectral_norm(W)
    largest = np.linalg.norm(W / scale, 2) * scale
    assert spectral_norm(W) == pytest.approx(largest, rel=1e-9)


def test_norms_of_nothing_and_of_one_direction():
    assert spectral_norm(np.zeros((3, 2))) == frobenius_norm(np.zeros((3, 2))) == 0
    u, v = RNG.normal(size=400), RNG.normal(size=300)
    W = np.outer(u, v)
    assert spectral_norm(W) == pytest.approx(np.linalg.norm(u) * np.linalg.norm(v), rel=1e-9)


def relu(x):
    return np.maximum(x, 0)


def test_a_constant_unit_carries_the_biases():
    arrays = {
        "l1.weight": RNG.normal(size=(6, 4)),
        "l1.bias": RNG.normal(size=6),
        "l2.weight": RNG.normal(size=(3, 6)),
        "l10.weight": RNG.normal(size=(2, 3)),
        "l10.bias": RNG.normal(size=2),
    }
    layers = layers_of(arrays)
    assert [layer.name for layer in layers] == ["l1.weight", "l2.weight", "l10.weight"]
    x = RNG.normal(size=4)
    hidden = relu(arrays["l2.weight"] @ relu(arrays["l1.weight"] @ x + arrays["l1.bias"]))
    wanted = arrays["l10.weight"] @ hidden + arrays["l10.bias"]
    z = np.append(x, 1.0)
    for layer in layers[:-1]:
        z = relu(layer.weight @ z)
    np.testing.assert_allclose(layers[-1].weight @ z, wanted)
    # the constant unit is in the reference as well: it has moved nowhere
    rows = np.linalg.norm(np.column_stack([arrays["l1.weight"], arrays["l1.bias"]]), axis=1)
    found = bc.network(arrays, m=100, radius=3.0)
    assert found.layers[0].distance == pytest.approx(rows.sum(), rel=1e-11)
    assert any("constant unit" in text for text in found.assumes)


def test_distances_are_from_the_initial_weights():
    start = {name: W + 0.1 for name, W in TWO.items()}
    found = bc.network(TWO, m=100, radius=1, initial=start)
    assert found.layers[0].distance == pytest.approx(8 * 0.1 * math.sqrt(5), rel=1e-11)
    same = bc.network(TWO, m=100, radius=1, initial=TWO).bounds[1]
    assert same.value is None
    assert "nothing was learned" in same.reason


def test_encoders_and_a_head_are_one_network():
    audio = {"audio.1": RNG.normal(size=(4, 3)), "audio.2": RNG.normal(size=(2, 4))}
    video = {"video.1": RNG.normal(size=(5, 6)), "video.2": RNG.normal(size=(3, 5))}
    head = {"head": RNG.normal(size=(1, 5))}
    encoders = {"audio": layers_of(audio), "video": layers_of(video)}
    layers = fused(encoders, layers_of(head))
    x, y = RNG.normal(size=3), RNG.normal(size=6)
    parts = [
        relu(W["1"] @ z) for W, z in (({"1": audio["audio.1"]}, x), ({"1": video["video.1"]}, y))
    ]
    latent = np.concatenate([audio["audio.2"] @ parts[0], video["video.2"] @ parts[1]])
    wanted = head["head"] @ relu(latent)
    z = np.concatenate([x, y])
    for layer in layers[:-1]:
        z = relu(layer.weight @ z)
    np.testing.assert_allclose(layers[-1].weight @ z, wanted)
    found = bc.network(
        {**audio, **video, **head}, m=100, radius=1, encoders=["audio", "video"], head="head"
    )
    sizes = [np.linalg.norm(audio["audio.1"]), np.linalg.norm(video["video.1"])]
    assert found.layers[0].frobenius == pytest.approx(math.hypot(*sizes), rel=1e-11)
    top = max(np.linalg.norm(W, 2) for W in (audio["audio.1"], video["video.1"]))
    assert found.layers[0].spectral == pytest.approx(top, rel=1e-9)


def test_what_is_needed_is_the_least_that_is_enough():
    first, second = bc.network(TWO, m=100, radius=5, **MARGIN).bounds
    for i, bound in enumerate((first, second)):
        assert bound.risk >= 1
        enough = bc.network(TWO, m=bound.needed_m, radius=5, **MARGIN).bounds[i]
        short = bc.network(TWO, m=bound.needed_m - 1, radius=5, **MARGIN).bounds[i]
        assert enough.risk < 1 <= short.risk
        assert "vacuous" in bound.sentence
        assert f"{bound.needed_m:,}" in bound.sentence


def test_several_outputs_have_the_lipschitz_constant_of_their_margin():
    W = {"a": TWO["fc1.weight"], "b": RNG.normal(size=(3, 8))}
    first, second = bc.network(W, m=10**10, radius=1, **MARGIN).bounds
    assert first.value is None
    assert "one real output" in first.reason
    plain = bc.network(W, m=10**10, radius=1, lipschitz=math.sqrt(2) / 0.5).bounds[1]
    assert second.value == pytest.approx(plain.value, rel=1e-12)


def written(path, header, body=b"", size=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes((len(text) if size is None else size).to_bytes(8, "little") + text + body)
    return path


def entry(shape, begin, end, dtype="F32"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def test_safetensors_are_read_as_the_package_reads_them(tmp_path):
    numpy_format = pytest.importorskip("safetensors.numpy")
    arrays = {
        "w1": RNG.normal(size=(3, 2)).astype(np.float32),
        "w2": RNG.normal(size=(1, 3)),
        "half": RNG.normal(size=(2, 2)).astype(np.float16),
    }
    path = tmp_path / "m.safetensors"
    numpy_format.save_file(arrays, path, metadata={"format": "np"})
    found = read_weights(path)
    assert found.keys() == arrays.keys()
    for name, X in arrays.items():
        np.testing.assert_array_equal(found[name], X)


def test_bfloat16_is_the_upper_half_of_float32(tmp_path):
    body = np.array([0x3F80, 0xC000], dtype="<u2").tobytes()
    path = written(tmp_path / "m.safetensors", {"w": entry([1, 2], 0, 4, "BF16")}, body)
    np.testing.assert_array_equal(read_weights(path)["w"], [[1.0, -2.0]])


HOSTILE = {
    "header longer than the file": ({"w": entry([1], 0, 4)}, b"\0" * 4, 10**15),
    "negative offsets": ({"w": entry([1], -4, 0)}, b"\0" * 4, None),
    "offsets beyond the end": ({"w": entry([1], 0, 400)}, b"\0" * 4, None),
    "an absurd shape": ({"w": entry([10**12, 10**12], 0, 4)}, b"\0" * 4, None),
    "a negative shape": ({"w": entry([-1, -1], 0, 4)}, b"\0" * 4, None),
    "overlapping arrays": ({"a": entry([1], 0, 4), "b": entry([1], 0, 4)}, b"\0" * 4, None),
    "bytes of nobody": ({"a": entry([1], 0, 4)}, b"\0" * 8, None),
    "an unknown type": ({"a": entry([1], 0, 4, "I32")}, b"\0" * 4, None),
    "no JSON": (b"{", b"", None),
    "deep JSON": (b"[" * 100_000, b"", None),
    "no table": ([1, 2], b"", None),
    "an entry that is no table": ({"w": 3}, b"", None),
    "a name twice": (b'{"w": {}, "w": {}}', b"", None),
    "truth values": ({"w": entry([True], False, 4)}, b"\0" * 4, None),
    "nothing": ({}, b"", None),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_headers_are_refused_in_one_line(what, tmp_path):
    header, body, size = HOSTILE[what]
    path = written(tmp_path / "m.safetensors", header, body, size)
    with pytest.raises(InputError) as refusal:
        read_weights(path)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 400


@pytest.mark.parametrize("content", [b"", b"\0" * 7, b"PK\3\4rest", b"\x80\x04."])
@pytest.mark.parametrize("suffix", ["npz", "safetensors"])
def test_damaged_files_are_refused(content, suffix, tmp_path):
    path = tmp_path / f"m.{suffix}"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"damaged|not an"):
        read_weights(path)


def test_a_pickle_is_not_loaded(tmp_path):
    np.savez(tmp_path / "m.npz", w=np.array([{"a": 1}], dtype=object))
    with pytest.raises(InputError, match="damaged"):
        read_weights(tmp_path / "m.npz")


REFUSED = [
    ({"w": np.array([[np.nan]])}, {}, "NaN or infinite"),
    ({"w": np.array([[1, 2]])}, {}, "no floating-point"),
    ({"w": np.ones((2, 2, 3, 3))}, {}, "4 dimensions"),
    ({"w": np.ones((0, 3))}, {}, "is empty"),
    ({"w": np.float64(3)}, {}, "a single number"),
    ({"b": np.ones(3)}, {}, "has no matrices"),
    ({"fc.weight": np.ones((2, 3)), "norm.weight": np.ones(2)}, {}, "is no bias of a linear"),
    (
        {"fc.weight": np.ones((2, 3)), "norm.weight": np.ones(2)},
        {"layers": ["fc.weight"]},
        "is no bias of a linear",
    ),
    ({"fc.weight": np.ones((2, 3)), "fc.bias": np.ones(3)}, {}, "has 3 entries, its layer 2"),
    (
        {"arr_0": np.ones((2, 3)), "arr_1": np.ones(2)},
        {},
        "'arr_1' is a vector.*matrices are arr_0",
    ),
    ({"fc.weight": np.ones((2, 3)), "off": np.ones(2)}, {}, "as fc.bias beside fc.weight"),
    ({"fc.weight": np.ones((2, 3)), "fc.bias": np.ones((1, 2))}, {}, "called a bias and is a mat"),
    ({"fc": np.ones((2, 3)), "fc.b": np.ones(2), "fc_bias": np.ones(2)}, {}, "would both be the b"),
    ({"w1": np.ones((2, 3)), "w2": np.ones((3, 1))}, {}, "transpose them, or reverse"),
    ({"w1": np.ones((2, 3)), "w2": np.ones((5, 7))}, {}, "give their order"),
    (TWO, {"layers": ["fc1.wieght"]}, "did you mean"),
    (TWO, {"layers": ["fc1.weight", "fc1.weight"]}, "named twice"),
    (TWO, {"initial": {"fc1.weight": np.ones((8, 5))}}, "have no array"),
    (TWO, {"frobenius": 3.0}, "one of radius and frobenius"),
    (TWO, {"margin": 0.5}, "needs delta, train_loss"),
    (TWO, {"margin": 0.5, "delta": 0.05, "train_loss": 1.5}, "no mean ramp loss"),
    (TWO, {"margin": 0.0, "delta": 0.05, "train_loss": 0.5}, "outside the domain"),
    (TWO, {"encoders": ["fc1"]}, "go together"),
    (TWO, {"encoders": ["fc1"], "head": "x"}, "belongs to none of"),
    (TWO, {"encoders": ["fc1", "fc1"], "head": "fc2"}, "named twice"),
]


@pytest.mark.parametrize(("weights", "more", "message"), REFUSED)
def test_what_is_no_network_is_refused(weights, more, message):
    with pytest.raises(InputError, match=message) as refusal:
        bc.network(weights, m=100, radius=1.0, **more)
    assert "\n" not in str(refusal.value)


def test_layers_that_are_not_named_are_left_out_with_their_biases():
    more = TWO | {"other.weight": np.ones((2, 2)), "other.bias": np.ones(2)}
    named = [name for name in TWO if TWO[name].ndim == 2]
    one, two = (bc.network(w, m=100, radius=1.0, layers=named) for w in (TWO, more))
    assert two.unused == ("other.weight", "other.bias")
    assert one == dataclasses.replace(two, unused=())
    assert "Not used: other.weight, other.bias." in str(two)


def test_what_was_taken_for_what_is_said():
    arrays = {
        "fc1": np.ones((4, 3)),
        "fc1_bias": np.ones(4),
        "W2": np.ones((2, 4)),
        "b2": np.ones(2),
        "fc3.weight": np.ones((1, 2)),
    }
    found = bc.network(arrays, m=100, radius=1.0, layers=["fc1", "W2", "fc3.weight"])
    assert [layer.bias for layer in found.layers] == ["fc1_bias", "b2", ""]
    row = next(line for line in str(found).splitlines() if line.startswith("fc1 "))
    assert row.split()[1] == "fc1_bias"
    plain = {name: np.ones(shape) for name, shape in (("fc1", (4, 3)), ("fc2", (1, 4)))}
    assert " bias " not in str(bc.network(plain, m=100, radius=1.0))


def test_the_command_says_what_the_function_says(tmp_path, run):
    np.savez(tmp_path / "m.npz", **TWO)
    path = str(tmp_path / "m.npz")
    code, out, _ = run("complexity", "--weights", path, "m=10000", "radius=2", "--format", "json")
    assert code == 0
    assert json.loads(out) == json.loads(bc.network(path, m=10_000, radius=2).to_json())
    code, out, _ = run("complexity", "--weights", path, "m=10000", "radius=2")
    assert "it is never above ½" in out


def test_the_command_refuses_in_one_line(tmp_path, refused):
    np.savez(tmp_path / "m.npz", **TWO)
    path = str(tmp_path / "m.npz")
    for more, said in (
        (["radius=1"], "needs m"),
        (["m=10"], "radius and frobenius"),
        (["m=10", "radius=1,2"], "one number"),
        (["m=10", "raduis=1"], "did you mean 'radius'"),
        (["m=10", "radius=1", "--derive"], "goes without"),
    ):
        assert said in refused("complexity", "--weights", path, *more)
    assert "are for --weights" in refused("complexity", "linear-l2", "--head", "x")
    assert "no such file" in refused("complexity", "--weights", "none.npz", "m=10", "radius=1")
