"""A mistake in one resource of a template leaves the others readable, at the places where they stand."""

from __future__ import annotations

import pytest

from hipaalint.source import SourceFile, SyntaxFault
from hipaalint.syntax.yaml_json import MapNode
from hipaalint.syntax.yaml_recovery import parse_with_recovery

YAML = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  A:
    Type: T
  B:
    Type: T
    Properties: PROPERTIES
  C:
    Type: T
  D:
    Type: T
Outputs:
  O: {Value: 1}
"""
JSON = """\
{
  "Resources": {
    "A": {
      "Type": "T"
    },
    "B": {
      "Type": PROPERTIES
    },
    "C": {
      "Type": "T"
    }
  }
}
"""


def entries(text: str, section: str = "Resources") -> tuple[dict[str, int], list[SyntaxFault]]:
    """The names of a section with their lines, and the faults."""
    file = SourceFile("t", text)
    root, faults = parse_with_recovery(file, "Resources")
    assert file.text == text
    assert isinstance(root, MapNode)
    found = next(value for key, value in root.entries if key.text == section)
    assert isinstance(found, MapNode)
    return {key.text: key.range.line for key, _ in found.entries}, faults


@pytest.mark.parametrize(
    "wrong", ["[1", "{a: 1", '"text', "a: b: c", "\n      x: 1\n     y: 2", "*nothing", "\n      k: 1\n      k: 2"]
)
def test_the_other_resources_are_read(wrong: str) -> None:
    found, faults = entries(YAML.replace("PROPERTIES", wrong))
    added = wrong.count("\n")
    assert found == {"A": 3, "C": 8 + added, "D": 10 + added}
    assert len(faults) == 1
    assert "B was left out" in faults[0].message
    assert entries(YAML.replace("PROPERTIES", wrong), "Outputs")[0].keys() == {"O"}


@pytest.mark.parametrize("wrong", ["[1", '"text'])
def test_json_that_is_laid_out_too(wrong: str) -> None:
    found, faults = entries(JSON.replace("PROPERTIES", wrong))
    assert found == {"A": 3, "C": 9}
    assert len(faults) == 1


def test_several_mistakes_are_several_faults() -> None:
    text = YAML.replace("PROPERTIES", "[1").replace("  D:\n    Type: T", "  D:\n    Type: {T")
    found, faults = entries(text)
    assert found.keys() == {"A", "C"}
    assert len(faults) == 2


@pytest.mark.parametrize(
    "text",
    ["a: [1\n", "Resources: [\n", "x: [\nResources:\n  A: {Type: T}\n", '{"Resources": {"A": {"Type": }, "B": [}}'],
)
def test_a_mistake_elsewhere_is_the_files(text: str) -> None:
    with pytest.raises(SyntaxFault):
        parse_with_recovery(SourceFile("t", text), "Resources")
