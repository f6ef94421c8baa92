"""Which inputs are split, and what the verdicts of the scenarios say together."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hipaalint.expression.values import CONDITION, LIMIT, NO_VALUE, Known, Unknown, Value, known
from hipaalint.expression.world import Constant, Input, World
from hipaalint.policy.finding import FAIL, NOT_APPLICABLE, PASS, UNKNOWN
from hipaalint.policy.program import Outcome
from hipaalint.policy.scenarios import Judgement, explore

Verdicts = Callable[[World], str]


def text_input(label: str, default: str | None = None, domain: tuple[Constant, ...] | None = None) -> Input:
    unknown = Unknown(NO_VALUE, f"{label} has no value", "string", True)
    return Input(label, unknown, known, domain, None if default is None else known(default))


def bool_input(label: str, default: bool | None = None) -> Input:
    unknown = Unknown(NO_VALUE, f"{label} has no value", "bool", True)
    return Input(label, unknown, known, None, None if default is None else known(default))


def equals(world: World, input: Input, constant: Constant) -> bool | None:
    """What the evaluator does for `input == constant`."""
    value: Value = world.value_of(input)
    world.propose(input, constant)
    if isinstance(value, Known):
        return bool(value.data == constant)
    return False if world.excludes(input, constant) else None


def judge(rule: Callable[[World], bool | str | None], budget: int = 64) -> Judgement:
    world = World()

    def evaluate() -> Outcome:
        result = rule(world)
        verdict = result if isinstance(result, str) else {True: PASS, False: FAIL, None: UNKNOWN}[result]
        return Outcome(verdict, reason=NO_VALUE if verdict == UNKNOWN else "")

    return explore(world, evaluate, budget)


def test_nothing_is_split_without_inputs() -> None:
    calls = []

    def rule(world: World) -> bool:
        calls.append(world)
        return True

    assert judge(rule).verdict == PASS
    assert len(calls) == 1


def test_a_failure_with_the_defaults_is_a_failure() -> None:
    env = text_input("Env", "dev")
    found = judge(lambda world: equals(world, env, "prod"))
    assert (found.verdict, found.when, found.assignment) == (FAIL, None, {})


def test_a_failure_with_another_value_is_conditional() -> None:
    env = text_input("Env", "prod")
    found = judge(lambda world: equals(world, env, "prod"))
    assert (found.verdict, found.when) == (FAIL, 'fails when Env ≠ "prod"')
    # What another value would do is looked at in a world in which the input has it.
    assert [part.excluded for part in found.assignment.values()] == [frozenset({"prod"})]


def test_a_single_other_value_fails() -> None:
    env = text_input("Env", "prod")
    found = judge(lambda world: not equals(world, env, "dev") if equals(world, env, "dev") is not None else None)
    assert (found.verdict, found.when) == (FAIL, 'fails when Env = "dev"')


def test_finite_domains_are_not_left() -> None:
    env = text_input("Env", "prod", ("prod", "staging"))
    assert judge(lambda world: True if equals(world, env, "dev") is False else None).verdict == PASS
    found = judge(lambda world: equals(world, env, "prod"))
    assert found.when == 'fails when Env = "staging"'


def test_most_values_of_a_domain_are_named_by_the_others() -> None:
    env = text_input("Env", None, ("prod", "staging", "dev"))
    found = judge(lambda world: equals(world, env, "prod"))
    assert (found.verdict, found.when) == (UNKNOWN, 'fails when Env ≠ "prod"')


def test_an_input_without_value_makes_it_unknown() -> None:
    encrypt = bool_input("var.encrypt")
    found = judge(lambda world: equals(world, encrypt, True))
    assert (found.verdict, found.when, found.outcome.reason) == (UNKNOWN, "fails when var.encrypt = false", NO_VALUE)


@pytest.mark.parametrize("verdict", [True, False])
def test_an_input_without_value_that_decides_nothing(verdict: bool) -> None:
    encrypt = bool_input("var.encrypt")
    found = judge(lambda world: verdict if equals(world, encrypt, True) is not None else None)
    assert found.verdict == (PASS if verdict else FAIL)
    assert found.when is None


def test_a_resource_that_does_not_exist_by_default() -> None:
    create = bool_input("var.create", default=False)
    # Where nobody knows whether it exists it is judged as if it did.
    found = judge(lambda world: NOT_APPLICABLE if equals(world, create, True) is False else False)
    assert (found.verdict, found.when) == (FAIL, "fails when var.create = true")


def test_scenarios_without_the_resource_do_not_count() -> None:
    create = bool_input("var.create")
    existing = {True: True, False: NOT_APPLICABLE, None: None}
    assert judge(lambda world: existing[equals(world, create, True)]).verdict == PASS
    nowhere = {True: NOT_APPLICABLE, False: NOT_APPLICABLE, None: None}
    assert judge(lambda world: nowhere[equals(world, create, True)]).verdict == NOT_APPLICABLE


def test_two_inputs_together() -> None:
    env, encrypt = text_input("Env", "prod"), bool_input("Encrypt", default=True)

    def rule(world: World) -> bool | None:
        values = equals(world, env, "prod"), equals(world, encrypt, True)
        return True if True in values else None if None in values else False

    found = judge(rule)
    assert (found.verdict, found.when) == (FAIL, 'fails when Encrypt = false and Env ≠ "prod"')


def test_an_input_whose_default_is_null() -> None:
    unknown = Unknown(NO_VALUE, "", "string")
    key = Input("var.key", unknown, known, None, known(None))

    def rule(world: World) -> bool | None:
        same = equals(world, key, "none")
        return None if same is None else not same

    assert judge(rule).when == 'fails when var.key = "none"'


def test_what_only_another_value_makes_unknown_stays_a_pass() -> None:
    env = text_input("Env", "prod")
    found = judge(lambda world: True if equals(world, env, "prod") else None)
    assert (found.verdict, found.when) == (PASS, None)


def test_an_input_that_changes_nothing_is_not_named() -> None:
    name, encrypt = text_input("Name"), bool_input("Encrypt")

    def rule(world: World) -> bool | None:
        # Undecided until both are known, though only the second one matters.
        values = equals(world, name, "x"), equals(world, encrypt, True)
        return None if None in values else values[1]

    assert judge(rule).when == "fails when Encrypt = false"


def test_of_many_inputs_the_few_that_matter_are_found() -> None:
    inputs = [bool_input(f"var.x{number}", default=True) for number in range(20)]

    def pair(world: World) -> bool | None:
        values = [equals(world, input, True) for input in inputs]
        return True if True in (values[3], values[17]) else None if None in (values[3], values[17]) else False

    assert judge(pair).when == "fails when var.x17 = false and var.x3 = false"
    assert (
        judge(lambda world: all(equals(world, input, True) in (True, False, None) for input in inputs)).verdict == PASS
    )


def test_of_many_inputs_without_value_the_one_to_blame_is_split() -> None:
    inputs = [bool_input(f"var.x{number}") for number in range(20)]
    world = World()

    def evaluate() -> Outcome:
        values = [equals(world, input, True) for input in inputs]
        if values[11] is None:
            return Outcome(UNKNOWN, inputs[11].unknown, NO_VALUE)
        return Outcome(PASS if values[11] else FAIL)

    found = explore(world, evaluate)
    assert (found.verdict, found.when) == (UNKNOWN, "fails when var.x11 = false")


def test_beyond_the_budget_nobody_knows() -> None:
    inputs = [bool_input(f"var.x{number}") for number in range(8)]

    def parity(world: World) -> bool | None:
        values = [equals(world, input, True) for input in inputs]
        return None if None in values else sum(map(bool, values)) % 2 == 0

    found = judge(parity)
    assert (found.verdict, found.outcome.reason) == (UNKNOWN, LIMIT)
    assert found.outcome.detail == "it depends on inputs in more than 64 ways"
    assert judge(parity, budget=1000).verdict == UNKNOWN
    assert judge(parity, budget=1000).outcome.reason == NO_VALUE


def test_a_failure_found_within_the_budget_is_one() -> None:
    inputs = [bool_input(f"var.x{number}", default=True) for number in range(12)]

    def at_most_one_is_off(world: World) -> bool | None:
        values = [equals(world, input, True) for input in inputs]
        if values.count(False) > 1:
            return False
        return True if values.count(True) > 10 else None

    found = judge(at_most_one_is_off)
    assert found.verdict == FAIL
    assert found.when is not None
    assert found.when.startswith("fails when var.x0 = false and var.x1 = false or ")
    assert found.when.endswith(" or in cases that were not tried")


def test_undecidable_conditions_are_inputs_too() -> None:
    unknown = Unknown(CONDITION, "nobody can decide `data.x.y`", "bool", True)
    condition = Input("`data.x.y`", unknown, known, (True, False))
    found = judge(lambda world: equals(world, condition, True))
    assert (found.verdict, found.when) == (UNKNOWN, "fails when `data.x.y` = false")
