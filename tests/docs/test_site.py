"""The documentation site has a page for everything, and builds without a warning."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from html import unescape
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote, urlsplit

import pytest
from files import ROOT

import boundcalc as bc
from boundcalc.symbolic.catalogue import complexities, lemmas

NEEDED = ("sphinx", "myst_nb", "numpydoc", "pydata_sphinx_theme")
MISSING = [name for name in NEEDED if importlib.util.find_spec(name) is None]


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_everything_has_a_page(tmp_path: Path) -> None:
    generator().generate(tmp_path)
    pages = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.md")}
    wanted = {f"theorems/{id}.md" for id in bc.catalogue()}
    wanted |= {f"lemmas/{name}.md" for name in lemmas()}
    wanted |= {f"complexities/{id}.md" for id in complexities()}
    wanted |= {f"api/{name}.md" for name in set(bc.__all__) - {"__version__", "worlds"}}
    wanted |= {f"cli/{name}.md" for name in ("derive", "compare", "certify", "show")}
    assert wanted <= pages
    assert (
        r"$\gamma + 2\,L\,\mathfrak{R}_m"
        in (tmp_path / "theorems/huang2021.theorem1.md").read_text()
    )


@pytest.mark.slow
@pytest.mark.skipif(bool(MISSING), reason=f"{', '.join(MISSING)} is not installed")
def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", "docs", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    page = (tmp_path / "generated/theorems/huang2021.theorem1.html").read_text(encoding="utf-8")
    assert "<math" in page
    assert "cdn" not in page  # it is read without a network
    assert broken_links(tmp_path) == []


def broken_links(site: Path) -> list[str]:
    """Every link of a page to a file, or to a place in a page, that is not there."""
    pages = [page for page in site.rglob("*.html") if "_static" not in page.parts]
    texts = {page: page.read_text(encoding="utf-8") for page in pages}
    places = {page: set(re.findall(r'(?:id|name)="([^"]+)"', text)) for page, text in texts.items()}
    found = []
    for page, text in texts.items():
        for link in {unescape(each) for each in re.findall(r'(?:href|src)="([^"]+)"', text)}:
            to = urlsplit(link)
            if to.scheme or to.netloc:
                continue
            target = (page.parent / unquote(to.path)).resolve() if to.path else page
            known = to.fragment in ("", *places.get(target, (to.fragment,)))
            known = known or unquote(to.fragment) in places[target]
            if not target.exists() or not known:
                found.append(f"{page.relative_to(site)}: {link}")
    return sorted(found)


def test_the_picture_of_the_readme_is_that_of_the_comparison() -> None:
    picture = (ROOT / "docs" / "images" / "iemocap.svg").read_text(encoding="utf-8")
    drawn = re.findall(r'class="(\w+) interval" x1="([\d.]+)" y1="\d+" x2="([\d.]+)"', picture)
    verdicts = bc.compare(ROOT / "examples" / "iemocap.toml").verdicts
    assert len(drawn) == len(verdicts)
    for (shape, left, right), verdict in zip(drawn, verdicts, strict=True):
        assert (shape == "good") == (verdict.verdict == "more")
        assert float(left) == pytest.approx(520 + 3000 * verdict.lower, abs=0.1)
        assert float(right) == pytest.approx(520 + 3000 * verdict.upper, abs=0.1)
