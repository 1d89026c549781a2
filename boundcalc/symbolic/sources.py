"""The literature: one record a work, as BibTeX."""

from __future__ import annotations

from boundcalc.errors import UnknownNameError
from boundcalc.symbolic.class_sources import CLASS_WORKS
from boundcalc.symbolic.works import Work
from boundcalc.symbolic.works import record as _work

_WORKS = (
    _work(
        "huang2021",
        "inproceedings",
        "Huang et al. 2021",
        author="Huang, Yu and Du, Chenzhuang and Xue, Zihui and Chen, Xuanyao and Zhao, Hang "
        "and Huang, Longbo",
        title="What Makes Multi-modal Learning Better than Single (Provably)",
        booktitle="Advances in Neural Information Processing Systems",
        volume="34",
        year="2021",
        eprint="2106.04538",
        archiveprefix="arXiv",
    ),
    _work(
        "lu2023",
        "inproceedings",
        "Lu 2023",
        author="Lu, Zhou",
        title="A Theory of Multimodal Learning",
        booktitle="Advances in Neural Information Processing Systems",
        volume="36",
        year="2023",
        eprint="2309.12458",
        archiveprefix="arXiv",
    ),
    _work(
        "mcdiarmid1989",
        "incollection",
        "McDiarmid 1989",
        author="McDiarmid, Colin",
        title="On the method of bounded differences",
        booktitle="Surveys in Combinatorics",
        publisher="Cambridge University Press",
        pages="148--188",
        year="1989",
    ),
    _work(
        "bartlett2002",
        "article",
        "Bartlett & Mendelson 2002",
        author="Bartlett, Peter L. and Mendelson, Shahar",
        title="Rademacher and {Gaussian} complexities: risk bounds and structural results",
        journal="Journal of Machine Learning Research",
        volume="3",
        pages="463--482",
        year="2002",
    ),
    _work(
        "ledoux1991",
        "book",
        "Ledoux & Talagrand 1991",
        author="Ledoux, Michel and Talagrand, Michel",
        title="Probability in {Banach} Spaces",
        publisher="Springer",
        year="1991",
    ),
    _work(
        "maurer2016",
        "inproceedings",
        "Maurer 2016",
        author="Maurer, Andreas",
        title="A vector-contraction inequality for {Rademacher} complexities",
        booktitle="Algorithmic Learning Theory",
        pages="3--17",
        year="2016",
    ),
    _work(
        "hoeffding1963",
        "article",
        "Hoeffding 1963",
        author="Hoeffding, Wassily",
        title="Probability inequalities for sums of bounded random variables",
        journal="Journal of the American Statistical Association",
        volume="58",
        number="301",
        pages="13--30",
        year="1963",
    ),
    _work(
        "maurer2009",
        "inproceedings",
        "Maurer & Pontil 2009",
        author="Maurer, Andreas and Pontil, Massimiliano",
        title="Empirical {Bernstein} bounds and sample-variance penalization",
        booktitle="Conference on Learning Theory",
        year="2009",
    ),
    _work(
        "clopper1934",
        "article",
        "Clopper & Pearson 1934",
        author="Clopper, C. J. and Pearson, E. S.",
        title="The use of confidence or fiducial limits illustrated in the case of the binomial",
        journal="Biometrika",
        volume="26",
        number="4",
        pages="404--413",
        year="1934",
    ),
    _work(
        "maurer2016chain",
        "article",
        "Maurer, Pontil & Romera-Paredes 2016",
        author="Maurer, Andreas and Pontil, Massimiliano and Romera-Paredes, Bernardino",
        title="The benefit of multitask representation learning",
        journal="Journal of Machine Learning Research",
        volume="17",
        number="81",
        pages="1--32",
        year="2016",
    ),
    _work(
        "shalev2014",
        "book",
        "Shalev-Shwartz & Ben-David 2014",
        author="Shalev-Shwartz, Shai and Ben-David, Shai",
        title="Understanding Machine Learning: From Theory to Algorithms",
        publisher="Cambridge University Press",
        year="2014",
    ),
    *CLASS_WORKS,
    _work(
        "mohri2018",
        "book",
        "Mohri, Rostamizadeh & Talwalkar 2018",
        author="Mohri, Mehryar and Rostamizadeh, Afshin and Talwalkar, Ameet",
        title="Foundations of Machine Learning",
        edition="Second",
        publisher="MIT Press",
        year="2018",
    ),
    _work(
        "long2020",
        "inproceedings",
        "Long & Sedghi 2020",
        author="Long, Philip M. and Sedghi, Hanie",
        title="Generalization bounds for deep convolutional neural networks",
        booktitle="International Conference on Learning Representations",
        year="2020",
        eprint="1905.12600",
        archiveprefix="arXiv",
    ),
    _work(
        "edelman2022",
        "inproceedings",
        "Edelman et al. 2022",
        author="Edelman, Benjamin L. and Goel, Surbhi and Kakade, Sham and Zhang, Cyril",
        title="Inductive biases and variable creation in self-attention mechanisms",
        booktitle="International Conference on Machine Learning",
        series="Proceedings of Machine Learning Research",
        volume="162",
        pages="5793--5831",
        year="2022",
        eprint="2110.10090",
        archiveprefix="arXiv",
    ),
    _work(
        "mardia1979",
        "book",
        "Mardia, Kent & Bibby 1979",
        author="Mardia, Kanti V. and Kent, John T. and Bibby, John M.",
        title="Multivariate Analysis",
        publisher="Academic Press",
        year="1979",
    ),
    _work(
        "boundcalc",
        "misc",
        "derived in boundcalc",
        author="{The boundcalc authors}",
        title="boundcalc: generalization bounds for multi-modal learning, with checked derivations",
        year="2026",
    ),
)


_NOT_WORKS = {"definition": "by definition", "input": "your number", "fact": "your fact"}


def short(key: str) -> str:
    """How a source is named in a printed proof: a work, a definition, or the user's own number."""
    return _NOT_WORKS.get(key) or work(key).short


def works() -> dict[str, Work]:
    """All works by citation key."""
    return {work.key: work for work in _WORKS}


def work(key: str) -> Work:
    """One work by its citation key."""
    known = works()
    if key not in known:
        raise UnknownNameError("work", key, known)
    return known[key]
