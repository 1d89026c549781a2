"""Write `breast_cancer.csv`: scikit-learn's breast cancer data as three modalities.

569 tumours, each with ten measurements of its cell nuclei, given three times: their mean over the
nuclei, the standard error of that mean, and the mean of the three worst nuclei. Here these play the
part of three modalities: the columns mean_1 to mean_10, error_1 to error_10 and worst_1 to
worst_10, and the diagnosis y. Each column is standardised (mean 0, standard deviation 1) and
rounded to three decimals, so that the numbers are of one size and the file is small.

The data are the Breast Cancer Wisconsin (Diagnostic) set of W. Wolberg, W. Street and O.
Mangasarian, 1993 (UCI Machine Learning Repository, CC BY 4.0), as scikit-learn ships it.
"""

from pathlib import Path

MODALITIES = ("mean", "error", "worst")
FILE = Path(__file__).with_name("breast_cancer.csv")


def main() -> None:
    """Write the file."""
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    X = (data.data - data.data.mean(axis=0)) / data.data.std(axis=0)
    features = X.shape[1] // len(MODALITIES)
    lines = [
        ",".join([*(f"{name}_{j}" for name in MODALITIES for j in range(1, features + 1)), "y"])
    ]
    for x, y in zip(X, data.target, strict=True):
        # + 0.0 turns −0.0 into 0.0
        lines.append(
            ",".join([*(f"{round(float(v), 3) + 0.0:g}" for v in x), str(data.target_names[y])])
        )
    FILE.write_text("\n".join(lines) + "\n", encoding="ascii", newline="\n")


if __name__ == "__main__":
    main()
