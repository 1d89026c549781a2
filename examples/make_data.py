"""Write `digits.npz` and `diabetes.csv`: data of scikit-learn as modalities.

`digits.npz`: 1797 handwritten digits of 8 × 8 pixels; the upper and the lower half of the image
play the part of two modalities, ``top`` and ``bottom``, and ``y`` is the digit. `diabetes.csv`: 442
patients; ``body`` is age, sex, body mass index and blood pressure, ``blood`` six measurements of
blood serum, and ``y`` a measure of how the disease had progressed a year later.

The digits are the test set of the Optical Recognition of Handwritten Digits data of E. Alpaydin and
C. Kaynak, 1998 (UCI Machine Learning Repository, CC BY 4.0). The patients are those of B. Efron, T.
Hastie, I. Johnstone and R. Tibshirani, Least Angle Regression, 2004. Both as scikit-learn ships
them.
"""

from pathlib import Path

HERE = Path(__file__).parent
BODY = 4  # of the ten columns


def write_digits(path: Path) -> None:
    """One array a half."""
    import numpy as np
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = digits.images.astype(np.uint8).reshape(len(digits.target), -1)
    half = images.shape[1] // 2
    np.savez_compressed(
        path, top=images[:, :half], bottom=images[:, half:], y=digits.target.astype(np.uint8)
    )


def write_diabetes(path: Path) -> None:
    """One column a measurement."""
    from sklearn.datasets import load_diabetes

    data = load_diabetes(scaled=False)
    names = [
        f"body_{j + 1}" if j < BODY else f"blood_{j - BODY + 1}" for j in range(data.data.shape[1])
    ]
    lines = [",".join([*names, "y"])]
    for x, y in zip(data.data, data.target, strict=True):
        lines.append(",".join(f"{float(v):g}" for v in (*x, y)))
    path.write_text("\n".join(lines) + "\n", encoding="ascii", newline="\n")


def main() -> None:
    """Write both files."""
    write_digits(HERE / "digits.npz")
    write_diabetes(HERE / "diabetes.csv")


if __name__ == "__main__":
    main()
