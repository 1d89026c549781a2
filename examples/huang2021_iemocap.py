"""Which published gains on IEMOCAP are certified, share by share of the training set?

The table is that of Huang et al. (NeurIPS 2021): top-1 test accuracies in percent on 3,410
utterances, of text (T), audio (A) and video (V), trained on a share of 13,200 utterances. Each of
the 20 accuracies gets an upper and a lower Clopper–Pearson limit at δ/40, so all limits, hence all
verdicts for all pairs and shares, hold together with probability 1 − δ. The per-utterance losses
are not published, so no paired interval is possible. No accuracy is a whole number of 3,410: each
limit takes the count above or below that weakens it.

The selection principle says that the subset with the least bound changes with m: fewer modalities
while there are few examples, all of them later. Its constants need training losses and
complexities, which are not published; what can be seen is where a subset beats the full set, and
whether that is more than chance.

    python examples/huang2021_iemocap.py
"""

import boundcalc as bc

TRAINING, TEST, DELTA = 13_200, 3_410, 0.1
SHARES = (1e-4, 1e-3, 1e-2, 1e-1, 1)
ACCURACY = {
    "T": (23.66, 29.08, 45.63, 48.30, 49.93),
    "TA": (25.06, 34.28, 47.28, 50.46, 53.03),
    "TV": (24.71, 38.37, 46.54, 49.50, 51.08),
    "TVA": (24.71, 32.24, 46.39, 50.75, 53.89),
}
FULL = "TVA"
SIGNS = {"more": ">", "less": "<"}


def study(column: int, delta: float) -> dict[str, object]:
    """The study of one share; every verdict of it holds with probability 1 − δ."""
    subsets = [
        {"modalities": list(name), "test_loss": round(1 - row[column] / 100, 4)}
        for name, row in ACCURACY.items()
    ]
    title = f"IEMOCAP, share {SHARES[column]:g}"
    return {"title": title, "test_n": TEST, "delta": delta, "loss": "zero-one", "subset": subsets}


def verdicts(delta: float = DELTA) -> dict[tuple[str, str], list[str]]:
    """For each nested pair (more, less) the verdict at each share, all of them joint."""
    found: dict[tuple[str, str], list[str]] = {}
    for column in range(len(SHARES)):
        for verdict in bc.compare(study(column, delta / len(SHARES))).verdicts:
            pair = "".join(verdict.more.modalities), "".join(verdict.less.modalities)
            found.setdefault(pair, []).append(verdict.verdict)
    return found


def main() -> None:
    """Print gains, verdicts and winners."""
    found = verdicts()
    print(
        f"Gains in accuracy, in points. All verdicts together hold with probability {1 - DELTA:g}:"
    )
    print("> the gain is certified, < the loss is certified, else undecided.\n")
    print(f"{'share':<10}" + "".join(f"{share:>13g}" for share in SHARES))
    print(f"{'examples':<10}" + "".join(f"{TRAINING * share:>13,.0f}" for share in SHARES))
    for (more, less), row in found.items():
        gains = (a - b for a, b in zip(ACCURACY[more], ACCURACY[less], strict=True))
        cells = (
            f"{gain:>+11.2f} {SIGNS.get(verdict, ' ')}"
            for gain, verdict in zip(gains, row, strict=True)
        )
        print((f"{f'{more} − {less}':<12}" + "".join(cells)).rstrip())
    print(f"\nWhere a subset beats the full set {FULL}:")
    leads, certified = list[str](), list[str]()
    for column, share in enumerate(SHARES):
        ahead = [name for name, row in ACCURACY.items() if row[column] > ACCURACY[FULL][column]]
        sure = [name for name in ahead if found[FULL, name][column] == "less"]
        leads, certified = leads + ahead, certified + sure
        told = (
            f"{' and '.join(ahead)}; certified: {', '.join(sure) or 'none'}"
            if ahead
            else "no subset does"
        )
        print(f"  share {share:<7g}{told}")
    never = [name for name in ACCURACY if name not in (FULL, *leads)]
    print(
        f"Certified are {len(certified)} of these {len(leads)} leads. Never ahead: "
        f"{', '.join(never)}."
    )
    print("\nThe selection principle predicts that order: subsets ahead at small m, the full")
    print("set later. Its threshold needs training losses and complexities: not published.")


if __name__ == "__main__":
    main()
