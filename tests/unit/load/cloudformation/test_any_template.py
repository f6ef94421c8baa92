"""Whatever a template holds, loading and evaluating it ends, and ends without an exception."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from hipaalint.expression.values import Known, Lazy, Value
from hipaalint.load.cloudformation import load_template
from hipaalint.load.options import LoadOptions
from hipaalint.resource import Root

FUNCTIONS = [
    "Ref", "Condition", *(f"Fn::{name}" for name in (
        "GetAtt", "Sub", "If", "Equals", "Not", "And", "Or", "FindInMap", "Select", "Split", "Join", "Cidr", "Base64",
        "GetAZs", "ImportValue", "Length", "ToJsonString", "Transform", "ForEach::L", "Unheard",
    )),
]  # fmt: skip
WORDS = ["A", "B", "P", "C", "L", "M", "", "1", "x", "${A}", "${A.Arn}", "${L}", "A.Arn", "AWS::Region", "AWS::NoValue",
         "10.0.0.0/16", "{{resolve:ssm:x}}", "a,b", "Name", "t.json"]  # fmt: skip
KEYS = [
    "Events",
    "Policies",
    "Role",
    "Domain",
    "RestApiId",
    "Statement",
    "S3ReadPolicy",
    "StageName",
    "A",
    "B",
    "${L}",
    "Name",
    "Parameters",
    "Location",
    "DefaultValue",
    "Type",
    "Default",
    "TemplateURL",
]

leaves = st.sampled_from(WORDS) | st.none() | st.booleans() | st.integers(-2, 9)
data = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3)
        | st.builds(lambda name, value: {name: value}, st.sampled_from(FUNCTIONS), inner)
    ),
    max_leaves=12,
)
resources = st.fixed_dictionaries(
    {
        "Type": st.sampled_from(
            [
                "AWS::S3::Bucket",
                "AWS::CloudFormation::Stack",
                *(
                    f"AWS::Serverless::{kind}"
                    for kind in ("Function", "Api", "HttpApi", "SimpleTable", "StateMachine", "GraphQLApi")
                ),
            ]
        )
    },
    optional={
        "Properties": st.dictionaries(st.sampled_from([*KEYS, "Fn::Transform"]), data, max_size=3),
        "Condition": leaves,
        "Metadata": data,
    },
)
templates = st.fixed_dictionaries(
    {"Resources": st.dictionaries(st.sampled_from(["A", "B"]), resources | data, max_size=2)},
    optional={
        "Parameters": st.dictionaries(st.sampled_from(["P", "L"]), data, max_size=2),
        "Conditions": st.dictionaries(st.sampled_from(["C", "x"]), data, max_size=2),
        "Mappings": st.fixed_dictionaries({"M": data}),
        "Globals": data,
        "Transform": data | st.just("AWS::Serverless-2016-10-31"),
        "Outputs": data
        | st.dictionaries(
            leaves.map(str), st.fixed_dictionaries({"Value": data, "Export": st.fixed_dictionaries({"Name": data})})
        ),
        "Rules": st.dictionaries(
            leaves.map(str),
            st.fixed_dictionaries(
                {"Assertions": st.lists(st.fixed_dictionaries({"Assert": data}), max_size=2)},
                optional={"RuleCondition": data},
            ),
        ),
    },
)


def force(value: Value) -> int:
    """Evaluate everything; how many values there are."""
    if isinstance(value, Lazy):
        return sum(force(value.get(name, None)) for name in value.names())
    if isinstance(value, Known) and isinstance(value.data, (list, dict)):
        inner = value.data if isinstance(value.data, list) else value.data.values()
        return 1 + sum(force(item) for item in inner)
    assert value.range is None or value.range.start <= value.range.end
    return 1


def load(text: str) -> tuple[Root, int]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "t.json")
        path.write_text(text, encoding="utf-8")
        root = load_template(path, LoadOptions(Path(folder)))
        values = 0
        for resource in root.resources:
            values += force(resource.body) + force(resource.meta) + force(resource.exists.force())
            assert resource.computed is not None
            values += force(resource.computed("Ref")) + force(resource.computed("Arn"))
        return root, values


@given(templates)
def test_any_template_loads(template: object) -> None:
    root, values = load(json.dumps(template))
    assert values >= len(root.resources)


def test_deep_and_wide_templates_end() -> None:
    started = time.process_time()
    deep: object = {"Ref": "A"}
    for _ in range(95):
        deep = {"Fn::If": ["C", deep, "x"]}
    conditions = {"C0": {"Fn::Equals": [{"Ref": "P"}, "x"]}}
    for level in range(1, 300):
        conditions[f"C{level}"] = {"Fn::And": [{"Condition": f"C{level - 1}"}, {"Condition": f"C{level - 1}"}]}
    template = {
        "Parameters": {"P": {"Type": "String"}},
        "Conditions": {"C": {"Fn::Not": [{"Fn::Equals": [{"Ref": "P"}, "x"]}]}, **conditions},
        "Resources": {
            "A": {"Type": "Custom::A", "Condition": "C299", "Properties": {"P": deep}},
            **{
                f"R{index}": {"Type": "Custom::R", "Properties": {"P": {"Fn::GetAtt": [f"R{index - 1}", "P"]}}}
                for index in range(1, 2000)
            },
        },
    }
    root, _ = load(json.dumps(template))
    assert len(root.resources) == 2000
    assert time.process_time() - started < 20
