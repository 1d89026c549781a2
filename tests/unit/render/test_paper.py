"""Theorems for papers: what they say, that they compile, and that no line leaves the column."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import boundcalc as bc
from boundcalc.render import paper
from boundcalc.symbolic.literature import works

NUMBERS = {"m": 13200, "delta": 0.05, "L": 1, "C": 1, "rademacher": 0.01, "gamma": -0.2}
NUMERIC = [
    ("huang2021.theorem1", NUMBERS),
    ("pac_bayes.kl", {"m": 1000, "delta": 1e-5, "train_loss": 0.1, "divergence": 2}),
    ("holdout.hoeffding", {"n": 500, "delta": 0.05, "loss_bound": 1, "test_loss": 0.024}),
]
WIDE = re.compile(r"Overfull \\[hv]box \((\d+\.\d+)pt too (?:wide|high)\)")
MINIMAL = r"""\documentclass{article}
\usepackage{amsmath,unicode-math,longtable,booktabs,array,calc}
\providecommand{\tightlist}{}\providecommand{\hypertarget}[2]{#2}\newcounter{none}
\begin{document}
$body$
\end{document}
"""


def needs(*programs: str) -> pytest.MarkDecorator:
    missing = [name for name in programs if shutil.which(name) is None]
    return pytest.mark.skipif(bool(missing), reason=f"{', '.join(missing)} is not installed")


def compiled(folder: Path, engine: str = "pdflatex") -> str:
    """The log of a run of TeX on paper.tex, which has to end without an error."""
    command = [engine, "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)
    log = (folder / "paper.log").read_text(encoding="utf-8", errors="replace")
    assert done.returncode == 0, "\n".join(log.split("\n!")[1:2])[:2000]
    return log


@needs("pdflatex")
def test_every_entry_and_numeric_derivations_stay_inside_the_column(tmp_path: Path) -> None:
    bodies = [bc.derive(id, **numbers).to_latex() for id, numbers in NUMERIC]
    for entry in bc.catalogue().values():
        bodies.append(paper.page_latex(entry))
        bodies += [bc.derive(entry.id, variant=name).to_latex() for name in entry.variants]
    text = paper.standalone_document("\n\n".join(bodies), works().values())
    (tmp_path / "paper.tex").write_text(text, encoding="utf-8")
    wide = [float(points) for points in WIDE.findall(compiled(tmp_path))]
    assert max(wide, default=0) <= 2


@needs("pdflatex")
@pytest.mark.parametrize(("id", "numbers"), NUMERIC)
def test_a_standalone_document_compiles_and_finds_its_citations(
    tmp_path: Path, id: str, numbers: dict[str, float]
) -> None:
    text = bc.derive(id, **numbers).to_latex(standalone=True)
    (tmp_path / "paper.tex").write_text(text, encoding="utf-8")
    compiled(tmp_path)
    assert "undefined" not in compiled(tmp_path)


@needs("pandoc", "xelatex")
@pytest.mark.slow
def test_pandoc_loses_no_glyph_of_the_markdown(
    tmp_path: Path, run: Callable[..., tuple[int, str, str]]
) -> None:
    commands = [
        ("derive", "pac_bayes.multi_view", "--check", "--variant", "vote"),
        ("show", "huang2021.theorem2"),
        ("eval", "holdout.hoeffding", "n=500", "delta=0.05", "C=1", "test_loss=0.024"),
        ("compare", "examples/iemocap.toml"),
    ]
    pages = [run(*command, "--format", "markdown")[1] for command in commands]
    (tmp_path / "page.md").write_text("\n\n".join(pages), encoding="utf-8")
    (tmp_path / "minimal.latex").write_text(MINIMAL, encoding="utf-8")
    convert = ["pandoc", "page.md", "--template", "minimal.latex", "-t", "latex", "-o", "paper.tex"]
    subprocess.run(convert, cwd=tmp_path, check=True, timeout=60)
    assert "Missing character" not in compiled(tmp_path, "xelatex")


def test_a_theorem_says_all_that_a_reader_needs() -> None:
    text = bc.derive("huang2021.theorem1", **NUMBERS).to_latex()
    assert r"\label{thm:huang2021-theorem1-sharp}" in text
    assert "at least $1 - \\delta$" in text
    assert "i.i.d." in text
    assert r"minimises the empirical risk over all of $\mathcal H\circ\mathcal G_{M}$" in text
    assert r"by \emph{symmetrisation} \cite{bartlett2002}" in text
    assert r"$\mathfrak{R}_m=0.01$" in text
    assert r"\leq -0.158695" in text
    assert text.count(r"\item $\displaystyle") == 11


def test_the_title_of_a_user_stays_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "facts.toml"
    title, facts = "Plan B & 50 % of late_fusion", "a <= 0.3 with cost 0.1"
    file.write_text(f"title = '{title}'\nmaximise = 'a'\nfacts = '{facts}'\n", encoding="utf-8")
    text = bc.prove(file).to_latex()
    assert r"\begin{theorem}[{Plan B \& 50 \% of late\_fusion (" in text
    assert text.startswith("% needs amsmath")  # nothing is cited


def test_a_proof_inside_a_fact_is_printed_below_it() -> None:
    text = bc.derive("pac_bayes.kl").to_latex()
    assert text.index("This rests on") < text.index("change of measure") < text.index("Markov")
    assert text.count(r"\begin{enumerate}") == 2


def test_every_citation_has_a_work() -> None:
    for entry in bc.catalogue().values():
        known = {work.key for work in entry.works()}
        for name in entry.variants:
            for keys in re.findall(
                r"\\cite\{(.*?)\}", bc.derive(entry.id, variant=name).to_latex()
            ):
                assert keys in known, (entry.id, name)


def test_standalone_is_for_latex_only(refused: Callable[..., str]) -> None:
    for command in ("derive", "show"):
        message = refused(command, "holdout.kl", "--standalone")
        assert message == "Error: --standalone goes with --format latex\n"
