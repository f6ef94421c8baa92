"""A list that a parent stack hands on as one text is taken apart again, element by element."""

from __future__ import annotations

from pathlib import Path

import pytest

from hipaalint.expression.values import Known, Unknown, Value
from hipaalint.load.cloudformation import load_template
from hipaalint.load.options import LoadOptions

CHILD = """
Parameters:
  Subnets: {Type: List<AWS::EC2::Subnet::Id>}
Resources:
  Group:
    Type: AWS::RDS::DBSubnetGroup
    Properties: {DBSubnetGroupDescription: d, SubnetIds: !Ref Subnets}
"""


def passed(tmp_path: Path, text: str) -> Value:
    (tmp_path / "child.yaml").write_text(CHILD)
    (tmp_path / "parent.yaml").write_text(
        f"""
Parameters:
  Given: {{Type: String}}
Resources:
  A: {{Type: AWS::EC2::Subnet, Properties: {{VpcId: vpc-1}}}}
  B: {{Type: AWS::EC2::Subnet, Properties: {{VpcId: vpc-1}}}}
  Child:
    Type: AWS::CloudFormation::Stack
    Properties: {{TemplateURL: ./child.yaml, Parameters: {{Subnets: {text}}}}}
"""
    )
    root = load_template(tmp_path / "parent.yaml", LoadOptions(tmp_path))
    (group,) = (resource for resource in root.resources if resource.address == "Child/Group")
    return group.body.get("SubnetIds", None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('!Join [",", [!Ref A, !Ref B]]', ["A", "B"]),
        ('!Sub "${A}, ${B}"', ["A", "B"]),
        ('!Join [",", [subnet-1, !Ref B]]', ["subnet-1", "B"]),
        ('"subnet-1,subnet-2"', ["subnet-1", "subnet-2"]),
    ],
)
def test_elements_keep_what_they_refer_to(tmp_path: Path, text: str, expected: list[str]) -> None:
    value = passed(tmp_path, text)
    assert isinstance(value, Known)
    assert [item.references[0][0].name if item.references else item.data for item in value.data] == expected


@pytest.mark.parametrize(
    "text", ['!Join [",", [!Ref A, !Ref Given]]', '!Sub "x${A},${B}"', '!Join ["-", [!Ref A, !Ref B]]']
)
def test_a_text_that_may_hold_commas_stays_unknown(tmp_path: Path, text: str) -> None:
    assert isinstance(passed(tmp_path, text), Unknown)
