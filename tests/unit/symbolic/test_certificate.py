"""Certificates: the independent checker accepts what is exported and refuses what is changed."""

import ast
import importlib.util
import json
import re
import subprocess
import sys
from copy import deepcopy

import pytest
import sympy as sp
from files import EXAMPLES

import boundcalc as bc
from boundcalc.calculus import function_class
from boundcalc.symbolic.catalogue import complexities
from boundcalc.symbolic.certificate import certificate, digest
from boundcalc.symbolic.lean import lean

CHECKER = EXAMPLES / "check_certificate.py"
_spec = importlib.util.spec_from_file_location("check_certificate", CHECKER)
checker = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(checker)

VARIANTS = [(t.id, name) for t in bc.catalogue().values() for name in t.variants]
NUMBER = re.compile(r"(?<![\w.])\d+")


def exported(id, variant):
    """A certificate as it stands in a file."""
    return json.loads(json.dumps(bc.derive(id, variant=variant).to_certificate()))


def sealed(data):
    """With the digest of what it holds now: what is wrong with it is not a damaged file."""
    return data | {"digest": digest(data)}


def changed(text):
    """Every text that differs in one number, or in one sign, or by a factor."""
    for found in NUMBER.finditer(text):
        yield f"{text[: found.start()]}{int(found[0]) + 1}{text[found.end() :]}"
    for i, sign in enumerate(text):
        if sign in "+-":
            yield f"{text[:i]}{'-' if sign == '+' else '+ 2*'}{text[i + 1 :]}"
    if text != "0":
        yield f"-({text})"
        yield f"({text})/2"


def mutants(whole):
    """Certificates with one changed number or sign; a larger failure is a weaker, true claim."""
    for proof in whole["proofs"]:
        places = [(proof, key) for key in ("claim", "result", "spent", "failure")]
        for fact in proof["facts"]:
            places += [(fact, key) for key in ("lhs", "rhs", "multiplier", "cost") if key in fact]
        for place, key in places:
            right = place[key]
            for text in changed(right):
                place[key] = text
                yield f"{key}: {right} became {text}", sealed(whole)
            place[key] = right


def refused(data):
    try:
        checker.Certificate(data)
    except ValueError:
        return True
    return False


def test_the_whole_catalogue_is_accepted():
    for id, variant in VARIANTS:
        checker.Certificate(exported(id, variant))


def test_the_proofs_of_all_classes_are_accepted():
    for entry in complexities().values():
        if entry.forms:
            form = "form" if entry.selector == "form" else entry.selector
            found = bc.complexity(entry.id, **entry.example, **{form: entry.example_form})
            checker.Certificate(json.loads(json.dumps(found.proof.to_certificate())))


def test_a_class_put_into_a_theorem_is_accepted():
    F = function_class("linear-l2", norm=3, radius=1, m=1000)
    proof = bc.derive("huang2021.theorem1", variant="sharp", rademacher=F + 2 * F)
    found = checker.Certificate(json.loads(json.dumps(proof.to_certificate())))
    assert "dual norm" in found.trusted


def test_the_checker_is_short_and_imports_nothing_of_ours():
    text = CHECKER.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 150
    imported = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Import | ast.ImportFrom)]
    names = {a.name for n in imported if isinstance(n, ast.Import) for a in n.names}
    names |= {n.module for n in imported if isinstance(n, ast.ImportFrom)}
    assert names == {"ast", "json", "operator", "sys", "hashlib", "pathlib", "sympy"}
    assert not re.search(r"\b(eval|exec|sympify|parse_expr|compile|lambdify)\(", text)


MUTATED = [
    ("huang2021.theorem1", "published"),
    ("classic.uniform_deviation", "empirical"),
    ("pac_bayes.mcallester", None),
    ("lu2023.multimodal", None),
    ("holdout.empirical_bernstein", None),
]


@pytest.mark.slow
@pytest.mark.parametrize(("id", "variant"), MUTATED)
def test_one_changed_number_or_sign_is_refused(id, variant):
    missed = [what for what, mutant in mutants(exported(id, variant)) if not refused(mutant)]
    assert missed == []


def test_one_changed_number_or_sign_is_refused_in_a_short_proof():
    tried = 0
    for what, mutant in mutants(exported("holdout.hoeffding", "upper")):
        assert refused(mutant), what
        tried += 1
    assert tried > 20


def test_any_other_change_is_refused_by_the_digest():
    whole = exported("holdout.hoeffding", "upper")
    text = json.dumps(whole)
    digits = [i for i, sign in enumerate(text) if sign.isdigit()]
    for i in digits[::25]:
        other = json.loads(f"{text[:i]}{(int(text[i]) + 1) % 10}{text[i + 1 :]}")
        assert refused(other), text[i - 30 : i + 10]


def test_a_false_lemma_is_refused_though_the_sum_is_right():
    whole = exported("classic.uniform_deviation", "expected")
    (proof,) = whole["proofs"]
    factors = {"symmetrisation": "rhs", "contraction": "multiplier", "given": "multiplier"}
    for fact in proof["facts"]:
        if fact["lemma"] in factors and fact["multiplier"] != "1":
            fact["multiplier"] = f"({fact['multiplier']})/2"
        if fact["lemma"] == "symmetrisation":
            fact["rhs"] = f"({fact['rhs']})/2"
    proof["result"] = proof["result"].replace("2*lipschitz", "lipschitz")
    with pytest.raises(ValueError, match="'symmetrisation' does not say"):
        checker.Certificate(sealed(whole))


FALSE = [
    ("uniform deviation", lambda f: {"lhs": f["lhs"].replace("-", "+")}, "r + r̂ ≤ Δ"),
    ("uniform deviation", lambda f: {"rhs": f"-{f['rhs']}"}, "r − r̂ ≤ −Δ"),
    ("uniform deviation", lambda f: {"lhs": f["rhs"], "rhs": f["lhs"]}, "Δ ≤ r − r̂"),
    ("contraction", lambda f: {"lemma": "infimum", "rhs": f["rhs"].split("*")[-1]}, "R ≤ R′"),
    ("infimum", lambda f: {"relation": "="}, "inf r = r(f)"),
    ("infimum", lambda f: {"relation": ">="}, "no relation"),
    ("symmetrisation", lambda f: {"rhs": f"2*{f['lhs']}"}, "E Δ ≤ 2 E Δ is not the lemma"),
]


@pytest.mark.parametrize(("lemma", "change", "why"), FALSE)
def test_a_lemma_is_about_its_own_quantities(lemma, change, why):
    """Coefficients alone prove that any number is below any other one."""
    whole = exported("huang2021.theorem2", "sharp")
    (proof,) = whole["proofs"]
    found = next(fact for fact in proof["facts"] if fact["lemma"] == lemma)
    change = change(found)
    proof["result"] = "0"
    moved = {**found, **change, "multiplier": "1"}
    proof["claim"] = f"({moved['lhs']}) - ({moved['rhs']})"
    proof["facts"], proof["spent"] = [moved], "0"
    with pytest.raises(ValueError, match=r"does not say|no relation"):
        checker.Certificate(sealed(whole))


def test_a_smaller_cost_is_refused_though_the_budget_holds():
    whole = exported("holdout.hoeffding", "upper")
    (proof,) = whole["proofs"]
    fact = next(fact for fact in proof["facts"] if "cost" in fact)
    fact["cost"], proof["spent"] = "delta/2", "delta/2"
    with pytest.raises(ValueError, match="'bounded differences' does not say"):
        checker.Certificate(sealed(whole))


def test_one_event_pays_for_one_fact_only():
    whole = exported("huang2021.theorem1", "published")
    first, *others = [f for f in whole["proofs"][1 - 1]["facts"] if "cost" in f]
    assert not others
    second = deepcopy(first) | {"lhs": f"2*({first['lhs']})", "multiplier": "0"}
    whole["proofs"][0]["facts"].append(second)
    with pytest.raises(ValueError, match=r"does not say|one event stands for two"):
        checker.Certificate(sealed(whole))


HOSTILE = [
    "__import__('os').system('true')",
    "(1).__class__",
    "[m for m in (1, 2)]",
    "lambda: 1",
    "m if m else 1",
    "9**9**9**9",
    "((((9**9)**9)**9)**9)**9",
    "sqrt",
    "m(1)",
    "sqrt(m, evaluate=False)",
    "1.5",
    "'m'",
    "m;1",
    "(" * 500,
    "",
    None,
    7,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_a_certificate_is_executed(text):
    whole = exported("holdout.hoeffding", "upper")
    whole["proofs"][0]["facts"][0]["rhs"] = text
    with pytest.raises((ValueError, TypeError)):
        checker.Certificate(sealed(whole))


def test_the_checker_says_what_it_refuses_in_one_line(tmp_path):
    whole = exported("holdout.hoeffding", "upper")
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps(whole), encoding="utf-8")
    bad.write_text(json.dumps(whole).replace("loss_bound*", "2*loss_bound*"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, CHECKER, good, bad], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "good.json is accepted" in done.stdout
    assert done.stderr.count("\n") == 1
    assert "bad.json is refused" in done.stderr


@pytest.mark.parametrize("text", ["[]", "{}", "3", "{", '{"symbols": [], "functions": []}'])
def test_what_is_no_certificate_is_refused_in_one_line(text, tmp_path):
    path = tmp_path / "c.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises((ValueError, LookupError, TypeError, AttributeError)):
        checker.Certificate(json.loads(path.read_text(encoding="utf-8")))


def test_a_proof_from_a_plugin_or_a_user_is_exported_with_whose_word_it_is():
    proof = bc.prove(EXAMPLES / "facts.toml").printed()
    data = proof.to_certificate()
    assert {fact["origin"] for fact in data["proofs"][0]["facts"]} != {"library"}
    assert checker.Certificate(json.loads(json.dumps(data))).trusted


def test_names_that_the_grammar_has_already_are_not_taken():
    from sympy import Symbol

    from boundcalc.conventions import Relation
    from boundcalc.symbolic.derivation import Apply, Derivation
    from boundcalc.symbolic.facts import Fact
    from boundcalc.symbolic.quantities import named

    x = named("anything", "x", "x")
    odd = Symbol("pi", nonnegative=True) + Symbol("sqrt", real=True) + Symbol("q1", real=True)
    fact = Fact("mine", x, Relation.AT_MOST, odd, "definition")
    data = certificate([Derivation(x, (Apply(fact),))])
    assert checker.Certificate(json.loads(json.dumps(data))).trusted == {"mine"}
    assert len(data["symbols"]) == 4


def _lean_sides(text, names):
    """Both sides of a comparison in the notation of Lean, as polynomials."""
    left, sign, right = re.fullmatch(r"(.*?) ([≤=]) (.*)", text).groups()
    python = (side.replace(" : ℝ", "").replace("^", "**") for side in (left, right))
    values = {name: sp.Symbol(name) for name in names}
    left, right = (eval(side, {"__builtins__": {}}, values) for side in python)
    return left, sign, right


@pytest.mark.parametrize(("id", "variant"), VARIANTS[::6])
def test_the_hypotheses_of_lean_add_up_to_its_conclusion(id, variant):
    """The polynomial identity that linarith has to find, checked by SymPy."""
    proof = bc.theorem(id).variant(variant).derivation
    text = lean(proof, name=id)
    names = re.search(r"\{(.*) : ℝ\}", text)[1].split()
    facts = re.findall(r"\(h\d+ : (.*)\)  -- ", text)
    goal = re.search(r"^    : (.*) := by$", text, re.M)[1]
    left, _, right = _lean_sides(goal, names)
    total = right - left
    scaled = dict(re.findall(r"have e(\d+)\b.*?(?:show 0 ≤|fun x =>) (.*?)(?: by| \* x)", text))
    for number, (fact, step) in enumerate(zip(facts, proof.steps, strict=True), 1):
        low, sign, high = _lean_sides(fact, names)
        assert (sign == "=") == (step.fact.relation.value == "=")
        if str(number) in scaled:
            times = _lean_sides(f"{scaled[str(number)]} = 0", names)[0]
        else:
            times = step.multiplier
        total -= times * (high - low)
    assert sp.expand(total) == 0
