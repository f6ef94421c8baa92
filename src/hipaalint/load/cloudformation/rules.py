"""Template Rules: which values of the parameters CloudFormation would refuse, alone or together.

Used by loader.py for the outermost stack; what they refuse is no scenario of the root.
"""

from __future__ import annotations

from ...expression.evaluator import evaluate
from ...expression.tree import Expression
from ...expression.values import EvaluationError, is_false, is_true
from ...expression.world import Input, Part
from ...syntax.yaml_json import ListNode, MapNode, Node, ScalarNode
from .shapes import intrinsic, plain_text
from .stack import Stack

_ANY = Part(None)


class Rule:
    """condition: when it holds (None: always). assertions: what must be true then."""

    __slots__ = ("assertions", "condition")

    def __init__(self, condition: Expression | None, assertions: list[Expression]) -> None:
        self.condition = condition
        self.assertions = assertions


def apply_rules(stack: Stack) -> None:
    """Narrow the domains of the stack's parameters, and leave out of all scenarios what its rules refuse."""
    rules = _rules(stack)
    if not rules:
        return
    inputs = list(stack.root.inputs)
    before = stack.world.possible

    def possible(assignment: dict[Input, Part]) -> bool:
        # What the assignment leaves open may be anything here, so that only what is refused in any case is.
        with stack.world.scenario({**dict.fromkeys(inputs, _ANY), **assignment}):
            return not any(_refuses(rule, stack) for rule in rules)

    for input in inputs:
        if input.domain is not None:
            kept = tuple(value for value in input.domain if possible({input: Part(value)}))
            input.domain = kept or input.domain
    stack.world.possible = lambda assignment: before(assignment) and possible(assignment)


def _refuses(rule: Rule, stack: Stack) -> bool:
    try:
        if rule.condition is not None and not is_true(evaluate(rule.condition, stack)):
            return False
        return any(is_false(evaluate(assertion, stack)) for assertion in rule.assertions)
    except EvaluationError:
        return False


def _rules(stack: Stack) -> list[Rule]:
    found: list[Rule] = []
    lowering = stack.template.lowering
    for _, node in stack.template.section("Rules"):
        if not isinstance(node, MapNode):
            continue
        condition, listed = node.get("RuleCondition"), node.get("Assertions")
        asserted = (
            [each.get("Assert") for each in listed.items if isinstance(each, MapNode)]
            if isinstance(listed, ListNode)
            else []
        )
        assertions = [each for each in asserted if each is not None]
        if condition is None:
            for assertion in assertions:
                _give_domain(stack, assertion)
        lowered = lowering.condition(condition) if condition is not None else None
        found.append(Rule(lowered, [lowering.condition(assertion) for assertion in assertions]))
    return found


def _give_domain(stack: Stack, assertion: Node) -> None:
    """A free parameter that a rule always wants to be one of a list has the list for its domain."""
    found = intrinsic(assertion)
    arguments = found[1].items if found is not None and isinstance(found[1], ListNode) else []
    if found is None or found[0] != "Fn::Contains" or len(arguments) != 2:
        return
    allowed, reference = arguments[0], intrinsic(arguments[1])
    if not isinstance(allowed, ListNode) or reference is None or reference[0] != "Ref":
        return
    values = [plain_text(item) for item in allowed.items if isinstance(item, ScalarNode) and intrinsic(item) is None]
    name = reference[1].text if isinstance(reference[1], ScalarNode) else None
    for input in stack.root.inputs:
        if (
            input.label == f"{stack.address}{name}"
            and input.domain is None
            and values
            and len(values) == len(allowed.items)
        ):
            input.domain = tuple(dict.fromkeys(values))
