"""Does the second half of the image help? Each half of a digit is tested as the one that is added.

Reads the 0/1 losses in `digits/` (its README.md says how they were made). Three comparisons are
made on the same test images, so each gets a third of δ: all three answers hold together with
probability 1 − δ.
"""

from pathlib import Path

import boundcalc as bc
from boundcalc.data.loss_files import read_losses

DIGITS = Path(__file__).parent / "digits"
DELTA = 0.05
QUESTIONS = (
    ("Does the bottom half help once the top half is seen?", "top", "both"),
    ("Does the top half help once the bottom half is seen?", "bottom", "both"),
    ("Is one half alone better than the other?", "top", "bottom"),
)


def main() -> None:
    """Print one answer a question."""
    losses = {name: read_losses(DIGITS / f"{name}.csv") for name in ("top", "bottom", "both")}
    for question, first, second in QUESTIONS:
        result = bc.certify(
            losses[first], losses[second], delta=DELTA / len(QUESTIONS), names=(first, second)
        )
        answer = "Yes" if result.verdict else "Not certified"
        print(f"{question} {answer}.")
        print(
            f"  mean loss: {first} {result.mean_a:.4f}, {second} {result.mean_b:.4f}, {result.n} "
            f"images"
        )
        print(f"  {result.sentence}\n")
    print(f"All of this holds together with probability at least {1 - DELTA:g}.")


if __name__ == "__main__":
    main()
