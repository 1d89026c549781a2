"""Is audio worth adding to text, and is video worth adding to both?

Reads the published study in `iemocap.toml`. All answers hold together with probability 1 − δ, the
study's δ: every limit that they rest on is paid for in one ledger.
"""

from pathlib import Path

import boundcalc as bc

STUDY = Path(__file__).parent / "iemocap.toml"
QUESTIONS = (
    ("Is audio worth adding to text?", "text", "text+audio"),
    ("Is video worth adding to both?", "text+audio", "text+audio+video"),
    ("Are audio and video together worth adding to text?", "text", "text+audio+video"),
)
ANSWERS = {"more": "Yes.", "less": "No, it does harm.", "undecided": "Undecided."}


def main() -> None:
    """Print one answer a question."""
    result = bc.compare(STUDY)
    print(f"{result.study.title}: {result.study.test_n:,} test examples\n")
    verdicts = {(v.less.label, v.more.label): v for v in result.verdicts}
    for question, less, more in QUESTIONS:
        verdict = verdicts[less, more]
        print(f"{question} {ANSWERS.get(verdict.verdict, 'The data contradict themselves.')}")
        print(f"  {verdict.sentence}.\n")
    print(f"All of this holds together with probability at least {1 - result.study.delta:g}.")


if __name__ == "__main__":
    main()
