"""Sphinx configuration. ``make docs`` builds the site; pages made from files are made here."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from docutils import nodes

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from generate import generate  # noqa: E402

import boundcalc  # noqa: E402
from boundcalc.render.mathml import mathml  # noqa: E402

project = "boundcalc"
author = "The boundcalc authors"
version = release = boundcalc.__version__
extensions = [
    "sphinx.ext.autodoc",
    "numpydoc",
    "myst_nb",
]
exclude_patterns = ["README.md", "_build", "jupyter_execute"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 120
numpydoc_show_class_members = False
autodoc_member_order = "bysource"
html_theme = "pydata_sphinx_theme"
html_title = "boundcalc"
html_static_path = ["static"]
html_css_files = ["site.css"]
smartquotes = False  # --id is no dash
html_show_sourcelink = False
html_theme_options = {"show_toc_level": 2, "navigation_with_keys": True, "show_prev_next": False}
html_math_renderer = "mathml"
# the repository's own files are linked to, and are no pages
suppress_warnings = ["myst.xref_missing", "myst.header", "misc.highlighting_failure"]

generate(HERE / "generated")


def _tex(node: Any) -> str:
    return str(node.astext()).replace(r"\displaystyle", "")  # SymPy's, in notebooks


def in_line(page: Any, node: nodes.math) -> None:
    """A formula as MathML: browsers show it without a script and without a network."""
    page.body.append(mathml(_tex(node)))
    raise nodes.SkipNode


def on_its_own(page: Any, node: nodes.math_block) -> None:
    """A formula on a line of its own."""
    page.body.append(mathml(_tex(node), block=True))
    raise nodes.SkipNode


def setup(app: Any) -> None:
    """Register how formulas are written."""
    app.add_html_math_renderer("mathml", (in_line, None), (on_its_own, None))
