"""The literature: one record a work, as BibTeX."""

from __future__ import annotations

from dataclasses import dataclass

from boundcalc.errors import UnknownNameError


@dataclass(frozen=True)
class Work:
    """A published work: citation key, BibTeX entry type, short form and fields."""

    key: str
    kind: str
    short: str
    fields: tuple[tuple[str, str], ...]

    @property
    def bibtex(self) -> str:
        """The BibTeX entry."""
        body = ",\n".join(f"  {name} = {{{value}}}" for name, value in self.fields)
        return f"@{self.kind}{{{self.key},\n{body}\n}}"


def _work(key: str, kind: str, short: str, **fields: str) -> Work:
    return Work(key, kind, short, tuple(fields.items()))


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
        "langford2005",
        "article",
        "Langford 2005",
        author="Langford, John",
        title="Tutorial on practical prediction theory for classification",
        journal="Journal of Machine Learning Research",
        volume="6",
        pages="273--306",
        year="2005",
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
    _work(
        "massart2000",
        "article",
        "Massart 2000",
        author="Massart, Pascal",
        title="Some applications of concentration inequalities to statistics",
        journal="Annales de la Facult{\\'e} des sciences de Toulouse: Math{\\'e}matiques",
        volume="9",
        number="2",
        pages="245--303",
        year="2000",
    ),
    _work(
        "sauer1972",
        "article",
        "Sauer 1972",
        author="Sauer, Norbert",
        title="On the density of families of sets",
        journal="Journal of Combinatorial Theory, Series A",
        volume="13",
        number="1",
        pages="145--147",
        year="1972",
    ),
    _work(
        "shelah1972",
        "article",
        "Shelah 1972",
        author="Shelah, Saharon",
        title="A combinatorial problem; stability and order for models and theories in infinitary languages",
        journal="Pacific Journal of Mathematics",
        volume="41",
        number="1",
        pages="247--261",
        year="1972",
    ),
    _work(
        "haagerup1981",
        "article",
        "Haagerup 1981",
        author="Haagerup, Uffe",
        title="The best constants in the {Khintchine} inequality",
        journal="Studia Mathematica",
        volume="70",
        number="3",
        pages="231--283",
        year="1981",
    ),
    _work(
        "latala1994",
        "article",
        "Latała & Oleszkiewicz 1994",
        author="Lata{\\l}a, Rafa{\\l} and Oleszkiewicz, Krzysztof",
        title="On the best constant in the {Khinchin-Kahane} inequality",
        journal="Studia Mathematica",
        volume="109",
        number="1",
        pages="101--104",
        year="1994",
    ),
    _work(
        "kakade2008",
        "inproceedings",
        "Kakade, Sridharan & Tewari 2008",
        author="Kakade, Sham M. and Sridharan, Karthik and Tewari, Ambuj",
        title="On the complexity of linear prediction: risk bounds, margin bounds, and regularization",
        booktitle="Advances in Neural Information Processing Systems",
        volume="21",
        year="2008",
    ),
    _work(
        "awasthi2020",
        "misc",
        "Awasthi, Frank & Mohri 2020",
        author="Awasthi, Pranjal and Frank, Natalie and Mohri, Mehryar",
        title="On the {Rademacher} complexity of linear hypothesis sets",
        eprint="2007.11045",
        archiveprefix="arXiv",
        year="2020",
    ),
    _work(
        "bartlett2017",
        "inproceedings",
        "Bartlett, Foster & Telgarsky 2017",
        author="Bartlett, Peter L. and Foster, Dylan J. and Telgarsky, Matus J.",
        title="Spectrally-normalized margin bounds for neural networks",
        booktitle="Advances in Neural Information Processing Systems",
        volume="30",
        year="2017",
        eprint="1706.08498",
        archiveprefix="arXiv",
    ),
    _work(
        "golowich2018",
        "inproceedings",
        "Golowich, Rakhlin & Shamir 2018",
        author="Golowich, Noah and Rakhlin, Alexander and Shamir, Ohad",
        title="Size-independent sample complexity of neural networks",
        booktitle="Conference on Learning Theory",
        series="Proceedings of Machine Learning Research",
        volume="75",
        pages="297--299",
        year="2018",
        eprint="1712.06541",
        archiveprefix="arXiv",
    ),
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


_NOT_WORKS = {"definition": "by definition", "input": "your number"}


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
