"""Weights of neural networks: files of arrays, the order and shapes of layers, and their norms."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.data.arrays import opened_npz
from boundcalc.data.tables import opening
from boundcalc.errors import InputError, argument, nearest, shorten, shown

Matrix = NDArray[np.float64]
_LONGEST_HEADER = 10_000_000
_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}
_UNIT = 2.0**-53
_LARGEST_SVD = 3000
_BIAS = re.compile(r"bias\d*$", re.IGNORECASE)
_LAST = re.compile(r"(.*?)[._/]?(weight|kernel|bias|w|b)(\d*)", re.IGNORECASE)


@dataclass(frozen=True)
class Layer:
    """One layer: outputs × inputs. With a bias, a constant unit is carried along.

    Attributes
    ----------
    name : str
    weight : numpy.ndarray
        W, or (W b; 0 1) for a layer with a bias; the last one has no constant output.
    reference : numpy.ndarray
        M, fixed before the data, from which the distance is measured.
    bias : str
        The name of the vector that was taken for its bias; empty for none.
    """

    name: str
    weight: Matrix
    reference: Matrix
    bias: str = ""


def read_weights(path: str | Path) -> dict[str, Any]:
    """The arrays of an ``.npz`` or ``.safetensors`` file by name; never a pickle.

    Raises
    ------
    InputError
        If the file cannot be read, is damaged, or says things that cannot be.
    """
    file, where = Path(path), shorten(str(path), 200)
    readers = {".npz": _read_npz, ".safetensors": _read_safetensors}
    suffix = file.suffix.lower()
    if suffix not in readers:
        raise InputError(f"{where}: weights are read from .npz or .safetensors")
    with opening(file, where, kind=f"an {suffix} file", needs=", or damaged"):
        found = readers[suffix](file, where)
    if not found:
        raise InputError(f"{where} holds no arrays")
    return found


def _read_npz(file: Path, where: str) -> dict[str, Any]:
    with opened_npz(file, where) as archive:
        if len(set(archive.files)) < len(archive.files):
            raise InputError(f"{where} holds two arrays of one name")
        return {name: archive[name] for name in archive.files}


def _read_safetensors(file: Path, where: str) -> dict[str, Any]:
    data = file.read_bytes()
    size = int.from_bytes(data[:8], "little")
    if len(data) < 8 or size > min(len(data) - 8, _LONGEST_HEADER):
        raise InputError(f"{where} is damaged: its header is said to have {size:,} bytes")
    try:
        header = json.loads(data[8 : 8 + size], object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise InputError(f"{where} is damaged: its header is no JSON, or repeats a name") from None
    if not isinstance(header, dict):
        raise InputError(f"{where} is damaged: its header is no table")
    header.pop("__metadata__", None)
    body, found, spans = data[8 + size :], {}, []
    for name, about in header.items():
        place = f"{where}, array '{shorten(name)}'"
        kind, shape, begin, end = _described(about, place)
        fits = 0 <= begin <= end <= len(body)
        if not fits or end - begin != math.prod(shape) * np.dtype(kind).itemsize:
            raise InputError(f"{place}: its shape and its place in the file do not agree")
        spans.append((begin, end))
        values = np.frombuffer(body[begin:end], dtype=kind)
        if about["dtype"] == "BF16":
            values = (values.astype(np.uint32) << 16).view(np.float32)
        found[name] = values.reshape(shape)
    last = 0
    for begin, end in sorted(spans):
        if begin != last:
            raise InputError(f"{where} is damaged: its arrays overlap, or leave bytes unused")
        last = end
    if last != len(body):
        raise InputError(f"{where} is damaged: {len(body) - last:,} bytes belong to no array")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands there twice")
    return found


def _described(about: Any, place: str) -> tuple[str, tuple[int, ...], int, int]:
    """Type, shape and place of an array, if they are what they have to be."""
    keys: dict[str, Any] = about if isinstance(about, dict) else {}
    kind: Any = keys.get("dtype")
    shape: Any = keys.get("shape")
    offsets: Any = keys.get("data_offsets")
    whole = all(
        isinstance(part, list) and all(type(x) is int and x >= 0 for x in part)
        for part in (shape, offsets)
    )
    if not whole or len(offsets) != 2 or len(shape) > 8:
        raise InputError(f"{place}: its header is damaged")
    if kind not in _TYPES:
        known = ", ".join(_TYPES)
        raise InputError(f"{place} has numbers of type {shown(kind)}; known: {known}")
    return _TYPES[kind], tuple(shape), offsets[0], offsets[1]


def network_layers(
    weights: str | Path | Mapping[str, Any],
    initial: str | Path | Mapping[str, Any] | None,
    order: Sequence[str] | None,
    encoders: Sequence[str] | None,
    head: str | None,
) -> tuple[tuple[Layer, ...], tuple[str, ...]]:
    """The layers of a network, or of encoders side by side and a head on all that they put out;
    and the names of the arrays that belong to none.
    """
    arrays = weights if isinstance(weights, Mapping) else read_weights(weights)
    starts = initial if initial is None or isinstance(initial, Mapping) else read_weights(initial)
    where = "weights" if isinstance(weights, Mapping) else Path(weights).name
    if encoders is None and head is None:
        found = layers_of(arrays, initial=starts, order=order, where=where)
        used = {name for layer in found for name in (layer.name, layer.bias)}
        return found, tuple(name for name in arrays if name not in used)
    if not encoders or head is None or order is not None:
        both = f"{argument('encoders')} and {argument('head')}"
        raise InputError(f"{both} go together, and without {argument('layers')}")
    groups: dict[str, dict[str, Any]] = {name: {} for name in (*encoders, head)}
    if len(groups) < len(encoders) + 1:
        raise InputError("an encoder, or the head, is named twice")
    for name, X in arrays.items():
        owner = next((g for g in groups if name == g or name.startswith((f"{g}.", f"{g}_"))), None)
        if owner is None:
            raise InputError(f"{where}, '{name}' belongs to none of {', '.join(groups)}")
        groups[owner][name] = X
    made = {g: layers_of(own, initial=starts, where=f"{where}, {g}") for g, own in groups.items()}
    return fused({name: made[name] for name in encoders}, made[head]), ()


def layers_of(
    arrays: Mapping[str, Any],
    *,
    initial: Mapping[str, Any] | None = None,
    order: Iterable[str] | None = None,
    where: str = "weights",
) -> tuple[Layer, ...]:
    """The layers of a network of linear layers, in order.

    Parameters
    ----------
    arrays : mapping of str to array
        Matrices, outputs × inputs, and vectors that are biases: ``fc1.weight``, ``fc1.bias``.
    initial : mapping of str to array, optional
        The same arrays before training: distances are measured from them, else from 0.
    order : iterable of str, optional
        The names of the matrices in order; where left out, sorted as people count.

    Raises
    ------
    InputError
        For arrays that are no layers of such a network, or do not fit together.
    """
    checked = {name: _array(X, f"{where}, '{shorten(name)}'") for name, X in arrays.items()}
    matrices = {name: W for name, W in checked.items() if W.ndim == 2}
    names = sorted(matrices, key=_counted) if order is None else list(order)
    for name in names:
        if name in matrices and _BIAS.search(name):
            size = " × ".join(map(str, matrices[name].shape))
            raise InputError(
                f"{where}: '{shorten(name)}' is called a bias and is a matrix, {size}: a bias is a "
                f"vector"
            )
        if name not in matrices:
            raise InputError(f"{where} has no matrix '{shorten(name)}'{nearest(name, matrices)}")
    if not names or len(set(names)) < len(names):
        raise InputError(f"{where} has no matrices" if not names else "a layer is named twice")
    biases = _biases(checked, names, where)
    starts = _starts(checked, initial)
    _fit_together(names, matrices, where)
    constant = bool(biases)
    found = []
    for i, name in enumerate(names):
        last = i == len(names) - 1
        W = _augmented(matrices[name], biases.get(name), checked, constant, last)
        M = _augmented(starts[name], biases.get(name), starts, constant, last)
        found.append(Layer(name, W, M, biases.get(name, "")))
    return tuple(found)


def fused(encoders: Mapping[str, tuple[Layer, ...]], head: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """One network: the encoders of all modalities side by side, then a head on all they put out.

    Raises
    ------
    InputError
        For encoders of different depths, with biases, or whose outputs the head does not take.
    """
    depths = {name: len(layers) for name, layers in encoders.items()}
    if len(set(depths.values())) > 1:
        each = ", ".join(f"{name} has {depth}" for name, depth in depths.items())
        raise InputError(f"the encoders need equally many layers: {each}")
    every = [layer for layers in (*encoders.values(), head) for layer in layers]
    if any(layer.bias for layer in every):
        raise InputError("encoders and head are put together without biases only")
    outputs = sum(layers[-1].weight.shape[0] for layers in encoders.values())
    if head[0].weight.shape[1] != outputs:
        taken = head[0].weight.shape[1]
        raise InputError(f"the head takes {taken} inputs, and the encoders put out {outputs}")
    from scipy.linalg import block_diag

    rows = zip(*encoders.values(), strict=True)
    joined = (
        Layer(
            "+".join(layer.name for layer in row),
            block_diag(*(layer.weight for layer in row)),
            block_diag(*(layer.reference for layer in row)),
        )
        for row in rows
    )
    return (*joined, *head)


def _array(X: Any, place: str) -> NDArray[np.float64]:
    array = np.asarray(X)
    if array.dtype.kind != "f" or array.dtype.itemsize > 8:
        raise InputError(f"{place} holds no floating-point numbers of 16, 32 or 64 bits")
    if array.ndim > 2:
        raise InputError(
            f"{place} has {array.ndim} dimensions: only linear layers have a bound here"
        )
    if array.ndim == 0 or array.size == 0:
        raise InputError(f"{place} is {'empty' if array.ndim else 'a single number'}")
    if not np.isfinite(array).all():
        raise InputError(f"{place} has NaN or infinite entries")
    return array.astype(np.float64)


def _counted(name: str) -> list[tuple[int, int | str]]:
    """As people sort: layer 10 after layer 2."""
    parts = re.split(r"(\d+)", name)
    return [(1, int(part)) if part.isdigit() else (0, part) for part in parts if part]


def _stem(name: str) -> str:
    found = _LAST.fullmatch(name)
    return f"{found[1]}|{found[3]}" if found else f"{name}|"


def _biases(checked: Mapping[str, Matrix], names: list[str], where: str) -> dict[str, str]:
    """The name of the bias of each matrix that has one; a vector of no matrix is refused, since
    what it does to the network is not known.
    """
    stems = {_stem(name): name for name, X in checked.items() if X.ndim == 2}
    stems |= {_stem(name): name for name in names}
    found: dict[str, str] = {}
    for vector in (name for name, X in checked.items() if X.ndim == 1):
        owner = stems.get(_stem(vector))
        if owner is None or owner in found:
            raise InputError(_stray(shorten(vector), stems, owner, found, where))
        found[owner] = vector
    return {name: found[name] for name in names if name in found}


def _stray(
    vector: str, stems: Mapping[str, str], owner: str | None, found: Mapping[str, str], where: str
) -> str:
    """Why a vector is no bias, and what the arrays were taken for."""
    if owner is not None:
        both = f"'{vector}' and '{shorten(found[owner])}'"
        return f"{where}: {both} would both be the bias of '{shorten(owner)}'"
    matrices = sorted(stems.values(), key=_counted)
    named = _LAST.fullmatch(matrices[0]) if matrices else None
    like = f"{named[1]}{'.' if named[1] else ''}bias{named[3]}" if named else "fc1_bias"
    beside = matrices[0] if named else "fc1"
    return (
        f"{where}: '{vector}' is a vector, and is no bias of a linear layer by its name: a bias is "
        f"called like its matrix, as {like} beside {beside}; the matrices are "
        f"{shorten(', '.join(matrices), 200)}"
    )


def _starts(
    checked: Mapping[str, Matrix], initial: Mapping[str, Any] | None
) -> dict[str, NDArray[np.float64]]:
    """What distances are measured from."""
    if initial is None:
        return {name: np.zeros_like(X) for name, X in checked.items()}
    found = {}
    for name, X in checked.items():
        if name not in initial:
            raise InputError(f"the initial weights have no array '{shorten(name)}'")
        found[name] = _array(initial[name], f"initial weights, '{shorten(name)}'")
        if found[name].shape != X.shape:
            raise InputError(f"'{shorten(name)}' has another shape in the initial weights")
    return found


def _fit_together(names: list[str], matrices: Mapping[str, Matrix], where: str) -> None:
    shapes = [matrices[name].shape for name in names]
    for i in range(1, len(names)):
        if shapes[i][1] != shapes[i - 1][0]:
            said = (
                f"'{shorten(names[i])}' takes {shapes[i][1]} inputs, and '{shorten(names[i - 1])}'"
            )
            backwards = all(a[1] == b[0] for a, b in pairwise(shapes))
            transposed = "matrices are outputs × inputs: transpose them, or reverse their order"
            advice = transposed if backwards else "give their order"
            raise InputError(f"{where}: {said} puts out {shapes[i - 1][0]}; {advice}")


def _augmented(
    W: Matrix, bias: str | None, values: Mapping[str, Matrix], constant: bool, last: bool
) -> Matrix:
    """(W b; 0 1): the constant unit passes through what is 1 at 1; M has it as well."""
    if not constant:
        return W
    b = np.zeros(len(W)) if bias is None else values[bias]
    if b.shape != (len(W),):
        raise InputError(f"the bias '{bias}' has {len(b)} entries, its layer {len(W)} outputs")
    top = np.column_stack([W, b])
    if last:
        return top
    return np.vstack([top, np.append(np.zeros(W.shape[1]), 1.0)])


# --- norms, rounded up: what is returned is never below the norm ---------------------------------


def frobenius_norm(W: Matrix) -> float:
    """‖W‖_F: the entries are divided by the largest, so that no square overflows."""
    top = float(np.abs(W).max())
    if top == 0:
        return 0.0
    return _above(top * math.sqrt(float(np.square(W / top).sum())), W.size)


def row_norm(W: Matrix) -> float:
    """‖Wᵀ‖_{2,1}, the sum of the ℓ2 norms of the rows of W."""
    return _above(math.fsum(frobenius_norm(row[None, :]) for row in W), 4)


def spectral_norm(W: Matrix) -> float:
    """‖W‖, from W = U S Vᵀ + E: at most ‖U‖ s₁ ‖V‖ + ‖E‖_F, with what rounding can add.

    A computed decomposition is no proof: how far U and V are from orthonormal, and how much is
    left over, is computed and bounded. Of very large matrices √(‖W‖₁ ‖W‖_∞) is taken. Neither is
    above ‖W‖_F.
    """
    top, size = float(np.abs(W).max()), max(W.shape)
    if top == 0:
        return 0.0
    A = W / top
    sums = (float(np.abs(A).sum(axis=axis).max()) for axis in (0, 1))
    limits = [frobenius_norm(W), _above(top * math.sqrt(math.prod(sums)), 2 * size)]
    if min(W.shape) <= _LARGEST_SVD:
        U, s, Vt = np.linalg.svd(A, full_matrices=False)
        lost = 4 * (size + len(s) + 4) * _UNIT
        grown = [1 + _gram(U.T) + lost * len(s), 1 + _gram(Vt) + lost * len(s)]
        rest = float(np.linalg.norm(A - (U * s) @ Vt))
        rounding = lost * len(s) * float(s[0])
        limits.append(_above(top * (math.sqrt(math.prod(grown)) * s[0] + rest + rounding), size))
    return min(limits)


def _gram(Q: Matrix) -> float:
    """How far the rows of Q are from orthonormal: ‖QQᵀ − I‖_F."""
    return float(np.linalg.norm(Q @ Q.T - np.eye(len(Q))))


def _above(value: float, operations: int) -> float:
    """A float that was computed in so many roundings, moved up by all that they can have lost."""
    if value == 0:
        return 0.0
    return math.nextafter(value * (1 + 2 * (operations + 8) * _UNIT), math.inf)
