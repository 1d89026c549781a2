"""Results that are listed and cited, and for which no number is given: their constants are unknown.

A bound stands here where its constants are not in the statement, or could not be checked against
it. What each line says is what the work's abstract says.
"""

from __future__ import annotations

from dataclasses import dataclass

from boundcalc.conventions import Status
from boundcalc.symbolic.literature import Work, work


@dataclass(frozen=True)
class Mention:
    """A result without a number.

    Attributes
    ----------
    id : str
        ``work.result``.
    title : str
    statement : str
        What is proved, in words.
    source : str
        Key of the work.
    """

    id: str
    title: str
    statement: str
    source: str
    status: Status = Status.CONSTANTS_UNKNOWN

    @property
    def work(self) -> Work:
        """The work that it is from."""
        return work(self.source)

    @property
    def refusal(self) -> str:
        """Why there is no number."""
        return f"{self.id} ({self.work.short}): {self.status.value}, so no number is given"


MENTIONS = (
    Mention(
        "huang2022.competition",
        "Modality competition in joint training",
        "Late-fusion networks with smoothed ReLU, trained jointly by gradient descent on a "
        "simplified distribution, learn only a subset of the modalities: the others lose the "
        "competition, and the best single modality may do better than joint training.",
        "huang2022",
    ),
    Mention(
        "kamai2026.phases",
        "Alignment or prediction: four regimes",
        "In a linear spiked model with nuisance that is correlated across modalities, separation "
        "ratios of cross-modal alignment and of cross-modal prediction divide problems into four "
        "regimes: both succeed, alignment only, prediction only, neither.",
        "kamai2026",
    ),
    Mention(
        "lu2024.computation",
        "Computational benefit of a second modality",
        "A learning task, from the intersection of two half-spaces, that is NP-hard from one "
        "modality and solvable in polynomial time from two.",
        "lu2024",
    ),
    Mention(
        "maurer2016.multitask",
        "Multitask representation learning",
        "When a representation learned from several tasks is better than learning each task alone, "
        "as a function of the sample size, the number of tasks and the dimension of the data; in "
        "detail for linear features and half-spaces.",
        "maurer2016chain",
    ),
    Mention(
        "nakada2023.contrastive",
        "Multi-modal contrastive learning as a singular value decomposition",
        "For linear representations each gradient step on a contrastive loss is a singular value "
        "decomposition of a contrastive cross-covariance; its feature learning can be better than "
        "that of each modality alone, with some wrongly matched pairs too.",
        "nakada2023",
    ),
    Mention(
        "zhang2023.contrastive",
        "Generalization of multi-modal contrastive learning",
        "By way of an asymmetric matrix factorization: guarantees for downstream tasks of what is "
        "learned from pairs of modalities, and their advantage over self-supervised pairs.",
        "zhang2023",
    ),
    Mention(
        "zhou2026.pairwise",
        "Pairwise metric learning with subsets of modalities",
        "Generalization bounds for multi-modal metric learning by a pairwise complexity, with "
        "nested classes for nested subsets of the modalities.",
        "zhou2026",
    ),
)
