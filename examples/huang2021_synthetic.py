"""The synthetic table of Huang et al. (NeurIPS 2021), three ways: closed form, simulation, as
published.

The table gives the squared error above that of the full model for four modalities m1, …, m4 and an
overlap w. The generating process here is INFERRED from the table: m1 has 100 independent
coordinates of variance 1; each later modality is w·m1 + (1 − w)·(fresh noise of variance 1); the
target is the sum of all coordinates, without noise. Then the closed form is (missing
modalities)·100·(1 − w)². The sample size is chosen as well: 10,000 examples, to which least squares
is fitted; its exact risk is taken. The same fresh noise is used for all w.

    python examples/huang2021_synthetic.py
"""

import numpy as np

import boundcalc as bc

COORDINATES, EXAMPLES, REPEATS = 100, 10_000, 4
MODALITIES = ("m1", "m2", "m3", "m4")
OVERLAPS = (1, 0.8, 0.5, 0.2, 0)
PUBLISHED = {
    "m1": (0, 12.04, 75.89, 193.28, 301.92),
    "m1+m2": (0, 8.16, 51.25, 129.81, 207.45),
    "m1+m2+m3": (0, 4.18, 26.06, 65.17, 103.23),
    "m1+m2+m3+m4": (0, 0, 0, 0, 0),
}
FULL = "m1+m2+m3+m4"


def mixing(overlap: float) -> np.ndarray:
    """Each modality from m1 and the fresh noises, one row a modality."""
    mixed = (1 - overlap) * np.eye(len(MODALITIES))
    mixed[:, 0] = overlap
    mixed[0] = np.eye(len(MODALITIES))[0]
    return mixed


def world(overlap: float, coordinates: int = COORDINATES) -> bc.worlds.LinearWorld:
    """The model that explains the table; singular for w = 1, where all modalities are the same."""
    mixed = mixing(overlap)
    return bc.worlds.LinearWorld(
        covariance=np.kron(mixed @ mixed.T, np.eye(coordinates)),
        blocks={
            name: range(i * coordinates, (i + 1) * coordinates) for i, name in enumerate(MODALITIES)
        },
        theta=np.ones(len(MODALITIES) * coordinates),
        noise_variance=0,
    )


def excess(model: bc.worlds.LinearWorld, gram: np.ndarray) -> list[float]:
    """The exact risk of least squares above the full model's, for each subset; XᵀX is all that it
    needs.

    Without noise the full model is learned exactly.
    """
    found, moments = [], gram @ model.theta
    for seen in PUBLISHED:
        if seen == FULL:
            found.append(0.0)
            continue
        at, weights = model.coordinates(seen), np.zeros(len(gram))
        weights[at] = np.linalg.lstsq(gram[np.ix_(at, at)], moments[at], rcond=None)[0]
        found.append(model.risk(weights))
    return found


def simulated(examples: int = EXAMPLES, repeats: int = REPEATS) -> np.ndarray:
    """The excess by repeat, overlap and subset."""
    rows, models = [], [world(overlap) for overlap in OVERLAPS]
    for seed in range(repeats):
        fresh, _ = world(0).sample(examples, seed)
        gram = fresh.T @ fresh
        mixed = [np.kron(mixing(overlap), np.eye(COORDINATES)) for overlap in OVERLAPS]
        rows.append([excess(model, A @ gram @ A.T) for model, A in zip(models, mixed, strict=True)])
    return np.array(rows)


def off(value: float, published: float) -> str:
    """The relative difference; nothing where both are 0."""
    return f"{value / published - 1:+.1%}" if published else ("equal" if abs(value) < 1e-9 else "")


def main() -> None:
    """Print the table."""
    print(
        f"Squared error above the full model, {COORDINATES} coordinates a modality; the generating"
    )
    print(f"process is inferred from the table. Least squares on {EXAMPLES:,} examples, mean ±")
    print(f"standard error of {REPEATS} draws; beside each value how far it is from the entry.\n")
    print(f"{'seen':<12}{'w':>5}{'published':>11}{'closed form':>20}{'least squares':>28}")
    draws = simulated()
    mean, error = draws.mean(axis=0), draws.std(axis=0, ddof=1) / np.sqrt(REPEATS)
    for column, overlap in enumerate(OVERLAPS):
        model = world(overlap)
        for row, (seen, entries) in enumerate(PUBLISHED.items()):
            entry, exact, fit = entries[column], model.latent_quality(seen), mean[column, row]
            shown = f"{abs(fit):.2f} ± {error[column, row]:.2f}"
            print(
                f"{seen:<12}{overlap:>5g}{entry:>11.2f}{exact:>12.2f}{off(exact, entry):>8}"
                f"{shown:>20}{off(fit, entry):>8}"
            )


if __name__ == "__main__":
    main()
