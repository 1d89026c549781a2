"""What should a lab buy? It has 100,000 unlabelled pairs of recordings and transcripts; experts
label them.

A pair costs 0.005 to clean before it can be used, a label costs 2. For each target, the cheapest
mix by Lu's multimodal bound, and what the labels alone would cost by the unimodal bound at the same
target.

The constants are ILLUSTRATIVE: c_predictor (c_F) and c_connection (c_G) are complexities of the
classes that you train, and c_composite and growth say how the class on recordings alone grows. Put
in your own.
"""

from textwrap import fill

import boundcalc as bc
from boundcalc.errors import InputError

PRICES = {"m": 0.005, "n": 2.0}
PAIRS = 100_000
CLASSES = {"c_predictor": 0.5, "c_connection": 2.0, "c_composite": 0.5, "growth": 0.75}
SETTING = {"delta": 0.05, "lipschitz": 1, "loss_bound": 1, "distance_bound": 1, "connection_gap": 0}
TARGETS = (0.3, 0.2, 0.1, 0.05, 0.01)


def row(target: float) -> str:
    """One line of the table, or why there is none."""
    try:
        found = bc.plan(
            "lu2023.multimodal",
            target=target,
            prices=PRICES,
            at_most={"m": PAIRS},
            **SETTING,
            **CLASSES,
        )
    except InputError as error:
        return fill(str(error), width=78, subsequent_indent="        ", initial_indent="  ")
    alone = found.unimodal.cost
    labels = "out of reach" if alone is None else f"{alone:,.2f}"
    return f"{target:>8}  {found.m:>8,}  {found.n:>8,}  {found.cost:>12,.2f}  {labels:>14}"


def main() -> None:
    """Print the plans, and what they rest on."""
    print(
        f"{PAIRS:,} pairs at {PRICES['m']} each to clean, labels at {PRICES['n']:.2f} each, one "
        f"task.\n"
    )
    print(f"{'target':>8}  {'pairs':>8}  {'labels':>8}  {'cost':>12}  {'labels alone':>14}")
    print("\n".join(row(target) for target in TARGETS))
    found = bc.plan(
        "lu2023.multimodal", target=0.1, prices=PRICES, at_most={"m": PAIRS}, **SETTING, **CLASSES
    )
    print(f"\n{fill(found.status, width=78)}")
    print(f"A target lower by 0.001 costs about {found.marginal_price * 0.001:,.2f} more there.")
    print("\nWhat is compared are two upper bounds, each with its own baseline:")
    print(f"  with pairs    {found.assumes[0].removeprefix('baseline: ')}")
    print(f"  labels alone  {found.unimodal.assumes[0].removeprefix('baseline: ')}")
    shown = ", ".join(f"{name} = {value:g}" for name, value in CLASSES.items())
    print(
        fill(f"The constants of the classes are illustrative ({shown}): put in your own.", width=78)
    )


if __name__ == "__main__":
    main()
