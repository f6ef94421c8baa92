"""From verdicts in single scenarios to the verdict of a check: which inputs are split, and what the parts say together.

Called by policy/engine.py for each resource; expression/world.py holds inputs and scenarios. See docs/design.md, "Choices".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ..expression.values import BOOL, LIMIT, EvaluationError, Known, Unknown, Value
from ..expression.world import Constant, Input, Part, Reads, World
from .finding import FAIL, NOT_APPLICABLE, PASS, UNKNOWN
from .program import Outcome

BUDGET = 64  # evaluations of one check on one resource
ALTERNATIVES = 4  # that are spelled out for people

ANY = Part(None)
_BLAMED = 1_000  # values that are looked at for the input to blame

Assignment = dict[Input, Part]


class Judgement:
    """The verdict over all scenarios. assignment: the scenario that shows it; when: for people, see Finding.when.

    alone: nothing but this scenario was evaluated.
    """

    __slots__ = ("alone", "assignment", "outcome", "verdict", "when")

    def __init__(self, verdict: str, outcome: Outcome, assignment: Assignment, when: str | None = None) -> None:
        self.verdict = verdict
        self.outcome = outcome
        self.assignment = assignment
        self.when = when
        self.alone = False


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

    def shown(self) -> Assignment:
        """What has to be said about it: the inputs without default, and those with another value than theirs."""
        return {i: p for i, p in self.assignment.items() if i.default is None or not _holds_default(i, p)}

    def conditional(self) -> bool:
        """Some input that has a default has another value here."""
        return any(not _holds_default(input, part) for input, part in self.assignment.items())


def explore(world: World, evaluate: Callable[[], Outcome], budget: int = BUDGET) -> Judgement:
    """The verdict of `evaluate` over the base scenario and, where it depends on inputs, over their other values."""
    exploration = _Exploration(world, evaluate, budget)
    base, reads = exploration.evaluate({})
    if base.verdict == FAIL or not any(reads.values()):
        judgement = Judgement(base.verdict, base, {})
        judgement.alone = True
        return judgement
    try:
        exploration.visit({}, base, reads)
    except _Exceeded:
        return _unfinished(base, exploration.leaves, budget)
    if not exploration.leaves:  # nothing that the inputs could be is possible
        return Judgement(base.verdict, base, {})
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


def _unfinished(base: Outcome, leaves: list[_Leaf], budget: int) -> Judgement:
    """What can be said when the budget ran out: a failure that was found is one; nothing else is known."""
    failing = [leaf for leaf in leaves if leaf.verdict == FAIL]
    if base.verdict != UNKNOWN and failing:
        when = _when(failing)
        return Judgement(FAIL, failing[0].outcome, failing[0].assignment, f"{when} or in cases that were not tried")
    outcome = Outcome(UNKNOWN, base.value, LIMIT, f"it depends on inputs in more than {budget} ways")
    return Judgement(UNKNOWN, outcome, {}, _when(failing))


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
        """Depth first: an undecided scenario is split by an input that is open, a decided one by those at a default."""
        if outcome.verdict == UNKNOWN:
            split = _first_open(reads, assignment, outcome.value)
            if split is not None:
                input, parts = split
                for part in parts:
                    self.enter({**assignment, input: part})
                return
        if outcome.verdict == FAIL and not self.world.possible(_with_defaults(reads, assignment)):
            # Not as long as the other inputs it depends on stay at their defaults; with other values perhaps.
            for input, _, others in _at_default(reads, assignment):
                for part in others:
                    self.enter({**assignment, input: part})
            return
        self.leaves.append(_Leaf(assignment, outcome))
        if outcome.verdict in (PASS, NOT_APPLICABLE):
            kept = dict(assignment)
            for input, default, others in self.relevant(assignment, reads):
                for part in others:
                    self.enter({**kept, input: part})
                kept[input] = default

    def enter(self, assignment: Assignment) -> None:
        """Go into a scenario, unless an input cannot have the value that it is given there, or not together with others."""
        try:
            for input, part in assignment.items():
                if part.value is not None:
                    input.make(part.value)
        except EvaluationError:
            return
        if not self.world.possible(assignment):
            return
        self.visit(assignment, *self.evaluate(assignment))

    def relevant(self, assignment: Assignment, reads: Reads) -> list[tuple[Input, Part, list[Part]]]:
        """The inputs at their defaults that can change a scenario in which nothing fails.

        What stays decided while inputs may be anything does not depend on them: they are opened together, and where
        that leaves it undecided in halves, so that of many inputs the few that matter are found with little work.
        """
        opened = dict(assignment)
        found: list[tuple[Input, Part, list[Part]]] = []
        waiting = [_at_default(reads, assignment)]
        while waiting:
            group = waiting.pop()
            if not group:
                continue
            trial = {**opened, **{input: ANY for input, _, _ in group}}
            outcome, more = self.evaluate(trial)
            if outcome.verdict in (PASS, NOT_APPLICABLE):
                opened = trial
                # Other inputs may matter only now that these are open.
                waiting.append(_at_default(more, {**trial, **{input: ANY for input, _, _ in found}}, waiting))
            elif len(group) == 1:
                found += group
            else:
                middle = len(group) // 2
                waiting += [group[middle:], group[:middle]]
        return found


def _default_of(input: Input) -> Constant | None:
    data = input.default.data if isinstance(input.default, Known) else None
    return data if isinstance(data, (bool, int, str)) else None


def _with_defaults(reads: Reads, assignment: Assignment) -> Assignment:
    """A scenario with what it leaves at defaults said as well, of the inputs that were read."""
    defaults = {input: default for input in reads if (default := _default_of(input)) is not None}
    return {**{input: Part(default) for input, default in defaults.items()}, **assignment}


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


def _first_open(reads: Reads, assignment: Assignment, value: Value | None) -> tuple[Input, list[Part]] | None:
    """An input without a settled value that can be split, and its parts; one that made the value unknown comes first."""
    for input in dict.fromkeys([*_blamed(value), *reads]):
        part = assignment.get(input)
        if (part is None and input.default is not None) or (part is not None and part.value is not None):
            continue
        excluded = part.excluded if part is not None else frozenset()
        fresh = [constant for constant in _constants(input, reads.get(input, ())) if constant not in excluded]
        if not fresh:
            continue
        parts = [Part(constant) for constant in fresh]
        if not _finite(input):
            parts.append(Part(None, excluded.union(fresh)))
        return input, parts
    return None


def _blamed(value: Value | None) -> Iterator[Input]:
    """The inputs for which a value is unknown."""
    stack = [value] if isinstance(value, Unknown) else []
    done: set[int] = set()
    while stack and len(done) < _BLAMED:
        current = stack.pop()
        if id(current) in done:
            continue
        done.add(id(current))
        if current.input is not None:
            yield current.input
        stack.extend(source for source in reversed(current.sources) if isinstance(source, Unknown))


def _at_default(
    reads: Reads, assignment: Assignment, waiting: Iterable[list[tuple[Input, Part, list[Part]]]] = ()
) -> list[tuple[Input, Part, list[Part]]]:
    """The inputs at their defaults that can be split: each with the part of its default, and the others."""
    found: list[tuple[Input, Part, list[Part]]] = []
    known = {input for group in waiting for input, _, _ in group}
    for input, compared in reads.items():
        constants = _constants(input, compared)
        if input.default is None or input in assignment or input in known or not constants:
            continue
        default = _default_of(input)
        if default is None:  # null or a list: only the constants are other values
            found.append((input, Part(None, frozenset(constants)), [Part(constant) for constant in constants]))
            continue
        others = [Part(constant) for constant in constants if Part(constant) != Part(default)]
        if _finite(input) and len(others) <= 1:
            found.append((input, Part(default), others))
        else:
            # All others at once: most checks can tell from "not the default"; where one cannot, they are split later.
            found.append((input, Part(default), [Part(None, frozenset((default,)))]))
    return found


def _when(failing: list[_Leaf]) -> str | None:
    """`fails when Env ≠ "prod"`: the scenarios that fail, in the names of the inputs."""
    shown = _merged([leaf.shown() for leaf in failing])
    texts = sorted(dict.fromkeys(_describe(assignment) for assignment in shown if assignment))
    if not texts:
        return None
    more = len(texts) - ALTERNATIVES
    return f"fails when {' or '.join(texts[:ALTERNATIVES])}" + (f" or in {more} more cases" if more > 0 else "")


def _describe(assignment: Assignment) -> str:
    return " and ".join(sorted(part.describe(input.label) for input, part in assignment.items()))


def _merged(assignments: list[Assignment]) -> list[Assignment]:
    """Scenarios that agree but for one input as one: without it if they have all its parts, else by what they exclude."""
    merged = True
    while merged:
        merged = False
        for input in dict.fromkeys(input for assignment in assignments for input in assignment):
            groups: dict[frozenset[tuple[Input, Part]], list[Part]] = {}
            for assignment in assignments:
                if input in assignment:
                    groups.setdefault(_without(assignment, input), []).append(assignment[input])
            for rest, parts in groups.items():
                united = _united(input, list(dict.fromkeys(parts)))
                if len(parts) > 1 and united is not None:
                    others = [a for a in assignments if not (input in a and _without(a, input) == rest)]
                    assignments = [*others, {**dict(rest), **({} if united == ANY else {input: united})}]
                    merged = True
    return assignments


def _without(assignment: Assignment, input: Input) -> frozenset[tuple[Input, Part]]:
    return frozenset((other, part) for other, part in assignment.items() if other is not input)


def _united(input: Input, parts: list[Part]) -> Part | None:
    """Several parts of an input's domain as one part; None where there is no such part."""
    values = {part.value for part in parts if part.value is not None}
    rest = [part.excluded for part in parts if part.value is None]
    if rest:
        return Part(None, frozenset.intersection(*rest) - values)
    if not _finite(input):
        return None
    missing = [constant for constant in _constants(input, values) if constant not in values]
    return Part(None, frozenset(missing)) if len(missing) < len(values) else None
