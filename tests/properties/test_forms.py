"""The same configuration in another form gets the same verdicts: order, files, modules, JSON syntax, a plan."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.properties.configurations import (
    Configuration,
    Verdicts,
    configurations,
    hcl_blocks,
    json_document,
    plan_document,
    verdicts,
)

often = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def judged(files: dict[str, str], target: str = ".") -> Verdicts:
    with TemporaryDirectory() as folder:
        return verdicts(Path(folder).resolve(), files, target)


def as_written(configuration: Configuration) -> Verdicts:
    return judged({"main.tf": "\n".join(hcl_blocks(configuration))})


@often
@given(configurations(), st.data())
def test_order_of_blocks_and_files_changes_nothing(configuration: Configuration, data: st.DataObject) -> None:
    files: dict[str, str] = {}
    for block in data.draw(st.permutations(hcl_blocks(configuration))):
        name = data.draw(st.sampled_from(["a.tf", "b.tf", "zz.tf"]))
        files[name] = files.get(name, "") + block
    assert judged(files) == as_written(configuration)


@often
@given(configurations())
def test_json_syntax_changes_nothing(configuration: Configuration) -> None:
    assert judged({"main.tf.json": json.dumps(json_document(configuration))}) == as_written(configuration)


@often
@given(configurations(variables=False))
def test_a_module_changes_nothing_but_addresses(configuration: Configuration) -> None:
    inner = judged(
        {
            "root/main.tf": 'module "inner" {\n  source = "../inner"\n}\n',
            "inner/main.tf": "\n".join(hcl_blocks(configuration)),
        },
        "root",
    )
    prefix = "module.inner."
    assert {(check, address.removeprefix(prefix)): each for (check, address), each in inner.items()} == as_written(
        configuration
    )


@often
@given(configurations(variables=False))
def test_a_plan_with_its_configuration_gives_the_same_verdicts(configuration: Configuration) -> None:
    text = "\n".join(hcl_blocks(configuration))
    plan: dict[str, Any] = plan_document(configuration)
    planned = judged({"main.tf": text, "plan.json": json.dumps(plan)}, "plan.json")
    assert planned == as_written(configuration)
