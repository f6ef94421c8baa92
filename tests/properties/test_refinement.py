"""Whoever learns more about an input learns more about the verdicts, and nothing that contradicts what was said."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.properties.configurations import (
    MISSING,
    Configuration,
    Verdicts,
    configurations,
    hcl_blocks,
    verdicts,
)

often = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
OPPOSITE = {"pass": "fail", "fail": "pass"}


def judged(configuration: Configuration, values: dict[str, Any], assume_nothing: bool = False) -> Verdicts:
    files = {"main.tf": "\n".join(hcl_blocks(configuration))}
    if values:
        files["terraform.tfvars.json"] = json.dumps(values)
    with TemporaryDirectory() as folder:
        return verdicts(Path(folder).resolve(), files, assume_nothing=assume_nothing)


def all_values(configuration: Configuration) -> list[dict[str, Any]]:
    """Every assignment of all variables."""
    names = list(configuration.domains)
    return [dict(zip(names, each, strict=True)) for each in product(*configuration.domains.values())]


@often
@given(configurations(), st.data())
def test_a_value_for_an_open_input_contradicts_nothing(configuration: Configuration, data: st.DataObject) -> None:
    configuration.variables = dict.fromkeys(configuration.variables, MISSING)
    before = judged(configuration, {})
    name = data.draw(st.sampled_from(sorted(configuration.domains)))
    after = judged(configuration, {name: data.draw(st.sampled_from(configuration.domains[name]))})
    for key, (verdict, conditional) in before.items():
        if not conditional:
            assert after[key][0] != OPPOSITE.get(verdict), key


@often
@given(configurations())
def test_a_conditional_failure_is_one_for_some_values(configuration: Configuration) -> None:
    said = judged(configuration, {})
    scenarios = [(values, judged(configuration, values)) for values in all_values(configuration)]
    held = {name: default for name, default in configuration.variables.items() if default is not MISSING}
    for key, (verdict, conditional) in said.items():
        results = {found[key][0] for _, found in scenarios}
        assumed = {found[key][0] for values, found in scenarios if held.items() <= values.items()}
        if verdict == "pass":
            assert results <= {"pass", "not_applicable"}, key
        elif verdict == "fail" and conditional:
            assert "fail" in results, key
            assert "fail" not in assumed, key
        elif verdict == "fail":
            assert "pass" not in assumed, key
        elif verdict == "unknown" and conditional:
            assert "fail" in assumed, key


@often
@given(configurations())
def test_nothing_assumed_means_every_value_counts(configuration: Configuration) -> None:
    said = judged(configuration, {}, assume_nothing=True)
    scenarios = [judged(configuration, values) for values in all_values(configuration)]
    for key, (verdict, conditional) in said.items():
        results = {found[key][0] for found in scenarios}
        if verdict in OPPOSITE and not conditional:
            assert OPPOSITE[verdict] not in results, key
        if "fail" in results:
            assert verdict == "fail" or conditional, key
