"""The table of parameters: name, glyph, LaTeX, domain and meaning of every number of a user."""

from functools import partial
from math import inf

from boundcalc.symbolic.parameter import Parameter, Role


def _rademacher(name: str, glyph: str, latex: str, meaning: str, *aliases: str) -> Parameter:
    return _complexity(
        name,
        glyph,
        latex,
        f"upper bound on {meaning}",
        aliases=aliases,
        on_sample="empirical" in name,
        falls_with="m",
    )


_complexity = partial(Parameter, role=Role.COMPLEXITY)
_observed = partial(Parameter, role=Role.OBSERVED)
_measured = partial(Parameter, on_sample=True)
_positive = partial(Parameter, open_low=True)
_count = partial(Parameter, low=1, integer=True)
_list = partial(Parameter, vector=True)

TABLE = (
    _count("m", "m", "m", "training examples; in Lu's setting unlabelled pairs", role=Role.COUNT),
    _count(
        "n",
        "n",
        "n",
        "held-out examples; in Lu's setting labelled examples of one task",
        role=Role.COUNT,
    ),
    _positive(
        "delta",
        "δ",
        r"\delta",
        "failure probability",
        0,
        1,
        open_high=True,
        aliases=("δ",),
        role=Role.FREE,
    ),
    _positive(
        "lipschitz",
        "L",
        "L",
        "Lipschitz constant of the loss in its first argument",
        aliases=("L",),
    ),
    _positive("loss_bound", "C", "C", "the loss takes values in [0, C]", aliases=("C",)),
    _rademacher(
        "rademacher",
        "R",
        r"\mathfrak{R}_m",
        "the expected Rademacher complexity of the class (signed, divided by m)",
        "R",
    ),
    _rademacher(
        "rademacher_empirical",
        "R̂",
        r"\widehat{\mathfrak{R}}_S",
        "the same complexity measured on the sample",
        "R_hat",
    ),
    _rademacher(
        "rademacher_full",
        "R_K",
        r"\mathfrak{R}_m(\mathcal{H}\circ\mathcal{G})",
        "the complexity of the class that sees all modalities",
    ),
    _rademacher(
        "rademacher_m",
        "R_M",
        r"\mathfrak{R}_m(M)",
        "the complexity of the class that sees M",
        "R_M",
    ),
    _rademacher(
        "rademacher_n",
        "R_N",
        r"\mathfrak{R}_m(N)",
        "the complexity of the class that sees N",
        "R_N",
    ),
    _rademacher(
        "rademacher_empirical_m",
        "R̂_M",
        r"\widehat{\mathfrak{R}}_S(M)",
        "the complexity of the class that sees M on the sample",
    ),
    _rademacher(
        "rademacher_empirical_n",
        "R̂_N",
        r"\widehat{\mathfrak{R}}_S(N)",
        "the complexity of the class that sees N on the sample",
    ),
    _observed(
        "gamma",
        "γ",
        r"\gamma",
        "γ_S(M, N) = η(ĝ_M) − η(ĝ_N), difference of latent qualities; not observable",
        low=-inf,
        aliases=("γ",),
    ),
    _observed(
        "centred_loss",
        "L̂",
        r"\widehat{L}",
        "empirical loss of the predictor minus that of the true pair",
        low=-inf,
        aliases=("L_hat",),
    ),
    _observed(
        "optimisation_gap",
        "ε",
        r"\varepsilon",
        "how far training stopped above the empirical minimum",
        aliases=("ε", "epsilon"),
    ),
    _observed("train_loss", "r̂", r"\widehat{r}", "mean loss on the training sample"),
    _observed(
        "train_loss_m", "r̂_M", r"\widehat{r}_M", "mean training loss of the predictor that sees M"
    ),
    _observed(
        "train_loss_n", "r̂_N", r"\widehat{r}_N", "mean training loss of the predictor that sees N"
    ),
    _complexity(
        "complexity_m", "c_M", "c_M", "intrinsic complexity of M: R = √(c_M/m)", aliases=("c_M",)
    ),
    _complexity(
        "complexity_n", "c_N", "c_N", "intrinsic complexity of N: R = √(c_N/m)", aliases=("c_N",)
    ),
    _observed(
        "loss_drop",
        "d",
        "d",
        "how much lower the training loss of M is than that of N: r̂(f̂_N) − r̂(f̂_M)",
        low=-inf,
    ),
    # the linear composite model
    Parameter(
        "noise_variance", "σ²", r"\sigma^2", "variance of the noise: the risk of the true weights"
    ),
    Parameter(
        "latent_quality_m",
        "η_M",
        r"\eta_M",
        "latent quality of M: excess risk of its best predictor",
    ),
    Parameter(
        "latent_quality_n",
        "η_N",
        r"\eta_N",
        "latent quality of N: excess risk of its best predictor",
    ),
    Parameter("rank_m", "p_M", "p_M", "rank of the covariance of what M sees", integer=True),
    Parameter("rank_n", "p_N", "p_N", "rank of the covariance of what N sees", integer=True),
    Parameter(
        "least_variance",
        "λ",
        r"\lambda",
        "least eigenvalue of the covariance that x_N leaves of what only M sees",
    ),
    Parameter(
        "added_norm",
        "‖b‖",
        r"\Vert b\Vert",
        "norm of the weights of M's best predictor on what only M sees",
    ),
    _observed("test_loss", "r̂", r"\widehat{r}", "mean loss on the held-out examples"),
    _observed(
        "variance", "V", "V", "unbiased sample variance of the held-out losses", aliases=("V",)
    ),
    _observed(
        "errors",
        "k",
        "k",
        "number of errors on the held-out examples",
        integer=True,
        aliases=("k",),
    ),
    _count("tasks", "T", "T", "number of tasks", aliases=("T",), role=Role.COUNT),
    _positive("distance_bound", "D", "D", "‖g(x) − y‖ lies in [0, D] for every g", aliases=("D",)),
    Parameter(
        "connection_gap",
        "κ",
        r"\kappa",
        "inf over g of E‖g(x) − y‖; 0 if y is a function of x that G contains",
        aliases=("κ", "kappa"),
    ),
    _complexity(
        "c_predictor",
        "c_F",
        "c_F",
        "Gaussian complexity of the predictors: G_n(ℓ∘F) = c_F/√n",
        aliases=("c_F",),
    ),
    _complexity(
        "c_connection",
        "c_G",
        "c_G",
        "vector Gaussian complexity of the connections: c_G/√m",
        aliases=("c_G",),
    ),
    _complexity(
        "c_composite",
        "c_FG",
        "c_{FG}",
        "Gaussian complexity of the composite class: c_FG n^(a−1)",
        aliases=("c_FG",),
    ),
    Parameter(
        "growth",
        "a",
        "a",
        "growth exponent of the composite class",
        low=0.5,
        high=1,
        aliases=("a",),
    ),
    # distributions on predictors, margins, stability, information
    _observed(
        "divergence", "D", "D", "KL(Q‖P) of the posterior from the prior, in nats", aliases=("KL",)
    ),
    _observed(
        "view_divergence", "D_V", "D_V", "KL(Q_v‖P_v), averaged over the views by their weights ρ"
    ),
    _observed("weight_divergence", "D_ρ", r"D_\rho", "KL(ρ‖π) of the weights of the views"),
    _positive("margin", "ρ", r"\rho", "the margin, fixed before the data"),
    Parameter(
        "stability",
        "β",
        r"\beta",
        "replacing one training example moves no loss by more than this",
        aliases=("β", "beta"),
    ),
    Parameter(
        "mutual_information", "I", "I", "mutual information of sample and predictor, in nats"
    ),
    Parameter(
        "sub_gaussian",
        "σ",
        r"\sigma",
        "the loss of a fixed predictor is σ-sub-Gaussian",
        aliases=("sigma",),
    ),
    _positive(
        "weight",
        "w",
        "w",
        "weight of the chosen class, fixed before the data; all weights sum to at most 1",
        high=1,
    ),
    _count(
        "candidates",
        "N",
        "N",
        "classes or models that could have been chosen, fixed before the data",
    ),
    Parameter("redundancy_x", "ε_X", r"\varepsilon_X", "E(E[Y|X] − E[Y|X,Z])² is at most this"),
    Parameter("redundancy_z", "ε_Z", r"\varepsilon_Z", "E(E[Y|Z] − E[Y|X,Z])² is at most this"),
    Parameter(
        "information_bits", "I", "I", "I(X₁,X₂;Y), what both views say of the label, in bits"
    ),
    Parameter("classes", "K", "K", "number of labels", low=2, integer=True),
    # complexities of function classes: what a user gives
    Parameter("factor", "|c|", "|c|", "size of the factor that the functions are multiplied by"),
    Parameter("norm", "B", "B", "bound on the norm of the weights", aliases=("B",)),
    Parameter("radius", "X", "X", "bound on the norm of every input", aliases=("X",)),
    _measured(
        "frobenius",
        "‖X‖_F",
        r"\|X\|_F",
        "Frobenius norm of the data matrix, the root of the sum of all ‖x_i‖₂²",
    ),
    _measured("trace", "tr(K)", r"\mathrm{tr}(K)", "trace of the kernel matrix of the sample"),
    Parameter("bound", "b", "b", "the functions take values in [−b, b]", aliases=("b",)),
    _count("size", "N", "N", "number of functions in the class", aliases=("N",)),
    _count("dimension", "d", "d", "VC dimension or number of weights, as the class says"),
    _count("features", "d", "d", "number of features (columns of the data)"),
    _count("outputs", "k", "k", "number of outputs"),
    _count("subspace", "K", "K", "dimensions of the subspace that all tasks share"),
    _count("task_size", "N", "N", "the most examples that any task has"),
    _measured(
        "top_variance", "λ", r"\lambda", "largest eigenvalue of Σ_i x_i x_iᵀ/m on the sample"
    ),
    Parameter("p", "p", "p", "the weights are bounded in the ℓp norm", low=1, open_low=True),
    _measured(
        "scale",
        "A",
        "A",
        "scale of the logarithms of the covering numbers",
        open_low=True,
        aliases=("A",),
    ),
    _positive("exponent", "s", "s", "ln N(ε) = A/ε^s"),
    _count("width", "W", "W", "largest dimension of a weight matrix", aliases=("W",)),
    _complexity("given_complexity", "v", "v", "a number that the complexity does not exceed"),
    # lists
    _list("norms", "M", "M", "bounds on the norms of the weight matrices, one a matrix"),
    _list("radii", "X", "X", "bounds on the norms of the inputs, one a modality"),
    _list(
        "column_norms",
        "c",
        "c",
        "‖X_·j‖₂, the norms of the columns of the data matrix",
        on_sample=True,
    ),
    _list("activations", "ρ", r"\rho", "Lipschitz constants of the activations"),
    _list("spectral_norms", "s", "s", "bounds on the spectral norms", open_low=True),
    _list("distances", "b", "b", "bounds on ‖(W_i − M_i)ᵀ‖_{2,1}, M_i fixed before the data"),
    # what is computed from lists
    _count("depth", "q", "q", "number of weight matrices"),
    Parameter("norm_product", "ΠM", r"\Pi M", "product of the norms"),
    _measured("largest_column", "‖c‖_∞", r"\|c\|_\infty", "largest norm of a column"),
    Parameter("dual_exponent", "q", "q", "the exponent of the dual norm", low=1),
    _measured("column_sum", "‖c‖_q", r"\|c\|_q", "ℓq norm of the column norms"),
    Parameter("spectral_product", "P", "P", "product of Lipschitz constants and spectral norms"),
    Parameter("distance_sum", "T", "T", "(Σ (b_i/s_i)^(2/3))^(3/2)"),
)
