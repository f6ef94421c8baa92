"""From verdicts in single scenarios to the verdict of a check: which inputs are split, and what the parts say together.

Called by policy/engine.py for each resource; expression/world.py holds inputs and scenarios. See docs/design.md, "Choices".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..expression.values import BOOL, LIMIT, EvaluationError, Known
from ..expression.world import Constant, Input, Part, Reads, World
from .finding import FAIL, NOT_APPLICABLE, PASS, UNKNOWN
from .program import Outcome

BUDGET = 64  # evaluations of one check on one resource
ALTERNATIVES = 4  # that are spelled out for people

Assignment = dict[Input, Part]


class Judgement:
    """The verdict over all scenarios. assignment: the scenario that shows it; when: for people, see Finding.when."""

    __slots__ = ("assignment", "outcome", "verdict", "when")

    def __init__(self, verdict: str, outcome: Outcome, assignment: Assignment, when: str | None = None) -> None:
        self.verdict = verdict
        self.outcome = outcome
        self.assignment = assignment
        self.when = when


class _Exceeded(Exception):
    """More scenarios than the budget allows."""


class _Leaf:
    """A scenario that needs no further split."""

    __slots__ = ("assignment", "outcome")

    def __init__(self, assignment: Assignment, outcome: Outcome) -> None:
        self.assignment = assignment
        self.outcome = outcome

    @property
    def verdict(self) -> str:
        return self.outcome.verdict

    def conditional(self) -> bool:
        """Some input that has a default has another value here."""
        return any(not _holds_default(input, part) for input, part in self.assignment.items())


def explore(world: World, evaluate: Callable[[], Outcome], budget: int = BUDGET) -> Judgement:
    """The verdict of `evaluate` over the base scenario and, where it depends on inputs, over their other values."""
    exploration = _Exploration(world, evaluate, budget)
    base, reads = exploration.evaluate({})
    if base.verdict == FAIL or not any(reads.values()):
        return Judgement(base.verdict, base, {})
    try:
        exploration.visit({}, base, reads)
    except _Exceeded:
        outcome = Outcome(UNKNOWN, base.value, LIMIT, f"it depends on inputs in more than {budget} ways")
        return Judgement(UNKNOWN, outcome, {})
    return _together(base, exploration.leaves)


def _together(base: Outcome, leaves: list[_Leaf]) -> Judgement:
    given = [leaf for leaf in leaves if not leaf.conditional()]
    verdicts = {leaf.verdict for leaf in given} - {NOT_APPLICABLE}
    failing = [leaf for leaf in given if leaf.verdict == FAIL]
    if verdicts == {FAIL}:
        return Judgement(FAIL, failing[0].outcome, failing[0].assignment)
    if verdicts - {PASS}:
        unknown = next((leaf for leaf in given if leaf.verdict == UNKNOWN), None)
        if base.verdict == UNKNOWN or unknown is None:
            return Judgement(UNKNOWN, base, {}, _when(failing))
        return Judgement(UNKNOWN, unknown.outcome, unknown.assignment, _when(failing))
    elsewhere = [leaf for leaf in leaves if leaf.conditional() and leaf.verdict == FAIL]
    if elsewhere:
        return Judgement(FAIL, elsewhere[0].outcome, elsewhere[0].assignment, _when(elsewhere))
    verdict = PASS if verdicts else NOT_APPLICABLE
    if base.verdict == verdict:
        return Judgement(verdict, base, {})
    leaf = next(leaf for leaf in given if leaf.verdict == verdict)
    return Judgement(verdict, leaf.outcome, leaf.assignment)


class _Exploration:
    __slots__ = ("budget", "leaves", "run", "world")

    def __init__(self, world: World, run: Callable[[], Outcome], budget: int) -> None:
        self.world = world
        self.run = run
        self.budget = budget
        self.leaves: list[_Leaf] = []

    def evaluate(self, assignment: Assignment) -> tuple[Outcome, Reads]:
        if self.budget == 0:
            raise _Exceeded
        self.budget -= 1
        with self.world.scenario(assignment) as reads:
            return self.run(), reads

    def visit(self, assignment: Assignment, outcome: Outcome, reads: Reads) -> None:
        """Depth first: an undecided scenario is split by an input that is open, a decided one by one at its default."""
        split: tuple[Input, list[Part]] | None = None
        if outcome.verdict == UNKNOWN:
            split = _first_open(reads, assignment)
        elif outcome.verdict != FAIL:
            split = _first_default(reads, assignment)
            if split is not None:
                input, parts = split
                # The first part holds the default, so that what is known of this scenario holds there too.
                self.visit({**assignment, input: parts[0]}, outcome, reads)
                split = input, parts[1:]
        if split is None:
            self.leaves.append(_Leaf(assignment, outcome))
            return
        input, parts = split
        for part in parts:
            narrower = {**assignment, input: part}
            try:
                if part.value is not None:
                    input.make(part.value)
            except EvaluationError:
                continue  # the input cannot have this value
            self.visit(narrower, *self.evaluate(narrower))


def _default_of(input: Input) -> Constant | None:
    data = input.default.data if isinstance(input.default, Known) else None
    return data if isinstance(data, (bool, int, str)) else None


def _holds_default(input: Input, part: Part) -> bool:
    if input.default is None:
        return True
    default = _default_of(input)
    if part.value is not None:
        return default is not None and part == Part(default)
    return default not in part.excluded


def _constants(input: Input, constants: Iterable[Constant]) -> list[Constant]:
    """The values worth telling apart: all of a finite domain, else those that were compared."""
    found = list(constants)
    if not found:
        return []
    if input.domain is not None:
        return list(input.domain)
    return [True, False] if input.unknown.type == BOOL else found


def _finite(input: Input) -> bool:
    return input.domain is not None or input.unknown.type == BOOL


def _first_open(reads: Reads, assignment: Assignment) -> tuple[Input, list[Part]] | None:
    """The first input without a settled value that can be split, and its parts."""
    for input, compared in reads.items():
        part = assignment.get(input)
        if (part is None and input.default is not None) or (part is not None and part.value is not None):
            continue
        excluded = part.excluded if part is not None else frozenset()
        fresh = [constant for constant in _constants(input, compared) if constant not in excluded]
        if not fresh:
            continue
        parts = [Part(constant) for constant in fresh]
        if not _finite(input):
            parts.append(Part(None, excluded.union(fresh)))
        return input, parts
    return None


def _first_default(reads: Reads, assignment: Assignment) -> tuple[Input, list[Part]] | None:
    """The first input that stands at its default and can be split: the part with the default, then the others."""
    for input, compared in reads.items():
        constants = _constants(input, compared)
        if input.default is None or input in assignment or not constants:
            continue
        default = _default_of(input)
        if default is None:  # null or a list: only the constants are other values
            return input, [Part(None, frozenset(constants)), *(Part(constant) for constant in constants)]
        others = [constant for constant in constants if Part(constant) != Part(default)]
        if _finite(input) and len(others) <= 1:
            return input, [Part(default), *(Part(constant) for constant in others)]
        # All others at once: most checks can tell from "not the default"; where one cannot, they are split further.
        return input, [Part(default), Part(None, frozenset((default,)))]
    return None


def _when(failing: list[_Leaf]) -> str | None:
    """`fails when Env ≠ "prod"`: the scenarios that fail, in the names of the inputs."""
    if not failing:
        return None
    texts = list(dict.fromkeys(filter(None, (_describe(leaf) for leaf in failing))))
    texts = _by_exclusion(failing) or texts
    if not texts:
        return None
    more = len(texts) - ALTERNATIVES
    shown = " or ".join(texts[:ALTERNATIVES])
    return f"fails when {shown}" + (f" or in {more} more cases" if more > 0 else "")


def _describe(leaf: _Leaf) -> str:
    parts = leaf.assignment.items()
    shown = [(i, p) for i, p in parts if i.default is None or not _holds_default(i, p)]
    return " and ".join(part.describe(input.label) for input, part in shown)


def _by_exclusion(failing: list[_Leaf]) -> list[str]:
    """`Env ≠ "prod"` where all values of one finite input fail but a few."""
    values: dict[Constant, None] = {}
    inputs: set[Input] = set()
    for leaf in failing:
        shown = [(i, p) for i, p in leaf.assignment.items() if i.default is None or not _holds_default(i, p)]
        if len(shown) != 1 or shown[0][1].value is None:
            return []
        inputs.add(shown[0][0])
        values[shown[0][1].value] = None
    input = inputs.pop()
    if inputs or input.domain is None:
        return []
    others = [constant for constant in input.domain if constant not in values]
    return [Part(None, frozenset(others)).describe(input.label)] if 0 < len(others) < len(values) else []
