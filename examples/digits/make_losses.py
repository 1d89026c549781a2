"""Is a whole digit recognised better than its top half, or its bottom half, alone?

scikit-learn's digits are 1797 images of 8 x 8 pixels. Here the top half (rows 0 to 3) and the
bottom half (rows 4 to 7) play the part of two modalities. The same classifier, a logistic
regression on standardised pixels, is trained three times on the same images: it sees the top, the
bottom, or both. For each of the three the script writes one 0/1 loss a test image (`top.csv`,
`bottom.csv`, `both.csv`: no header, the same images in the same order), which is what a paired
comparison needs:

    boundcalc certify examples/digits/top.csv examples/digits/both.csv

The split, the seed and the hyper-parameters were fixed before any test loss was seen, and the
scaling is learned from the training images only.
"""

import argparse
import os
import sys
from pathlib import Path

SEED = 0
TEST_IMAGES = 900
INVERSE_REGULARISATION = 1.0
MAX_ITERATIONS = 1000

VIEWS = {
    "top": slice(0, 4),
    "bottom": slice(4, 8),
    "both": slice(0, 8),
}  # the rows that each classifier sees


def measure_losses() -> dict[str, list[int]]:
    """Train one classifier a view and return its 0/1 losses on the test images."""
    from sklearn.datasets import load_digits
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import train_test_split
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    digits = load_digits()
    train_images, test_images, train_labels, test_labels = train_test_split(
        digits.images,
        digits.target,
        test_size=TEST_IMAGES,
        stratify=digits.target,
        random_state=SEED,
    )
    losses = {}
    for name, rows in VIEWS.items():
        model = make_pipeline(
            StandardScaler(), LogisticRegression(C=INVERSE_REGULARISATION, max_iter=MAX_ITERATIONS)
        )
        model.fit(train_images[:, rows].reshape(len(train_images), -1), train_labels)
        predicted = model.predict(test_images[:, rows].reshape(len(test_images), -1))
        losses[name] = [int(wrong) for wrong in predicted != test_labels]
    return losses


def write_losses(path: Path, losses: list[int]) -> None:
    """Write one loss a line; a reader never sees half a file."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        unfinished.write_text(
            "".join(f"{loss}\n" for loss in losses), encoding="ascii", newline="\n"
        )
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def refuse(message: str) -> int:
    print(f"make_losses.py: {message}", file=sys.stderr)
    return 2


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Write per-image test losses of three digit classifiers."
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        default=Path(__file__).parent,
        help="folder of the CSV files",
    )
    out: Path = parser.parse_args().out
    try:
        losses = measure_losses()
    except ModuleNotFoundError as missing:
        if (missing.name or "").split(".")[0] != "sklearn":
            raise
        return refuse("scikit-learn is missing; install the extra boundcalc[examples]")
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, values in losses.items():
            write_losses(out / f"{name}.csv", values)
    except OSError as error:
        return refuse(f"cannot write to {out}: {error.strerror}")
    for name, values in losses.items():
        print(
            f"{name:6}  test error {sum(values) / len(values):.4f}  ({sum(values)} of "
            f"{len(values)})"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
