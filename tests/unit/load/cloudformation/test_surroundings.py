"""What lies around a template: stacks that export, files that give values, rules, other tools' words."""

from __future__ import annotations

from pathlib import Path

import pytest

from hipaalint.expression.values import DATA_SOURCE, IMPORTED, MACRO, Known, Unknown, plain
from hipaalint.expression.world import Input, Part
from hipaalint.load.cloudformation import load_assembly, load_template
from hipaalint.load.discover import discover
from hipaalint.load.options import LoadOptions
from hipaalint.resource import Root

QUEUE = "AWS::SQS::Queue"


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def load(folder: Path, files: dict[str, str], *parameters: str) -> list[Root]:
    write(folder, files)
    options = LoadOptions(folder, parameters=[folder / name for name in parameters])
    return [load_template(folder / name, options) for name in files if name.endswith((".yaml", ".json"))]


def value_of(root: Root, address: str, name: str) -> object:
    return next(each for each in root.resources if each.address == address).body.get(name, None)


def input_of(root: Root, label: str) -> Input:
    return next(each for each in root.inputs if each.label == label)


EXPORTING = "Resources: {Q: {Type: AWS::SQS::Queue}}\nOutputs: {O: {Value: !GetAtt Q.Arn, Export: {Name: NAME}}}\n"
IMPORTING = "Resources: {R: {Type: AWS::SNS::Topic, Properties: {P: !ImportValue main-queue}}}\n"


@pytest.mark.parametrize(
    ("names", "joined"),
    [
        (["main-queue"], True),
        (["other-queue", "!Sub '${AWS::StackName}-queue'"], True),
        (["!Sub '${AWS::StackName}-topic'"], False),
        (["!Sub 'main-${AWS::StackName}-queue'"], False),
        (["main-queue", "!Ref AWS::StackName"], False),
    ],
)
def test_an_import_is_joined_where_one_template_can_export_it(tmp_path: Path, names: list[str], joined: bool) -> None:
    files = {f"{number}.yaml": EXPORTING.replace("NAME", name) for number, name in enumerate(names)}
    *exporting, importing = load(tmp_path, {**files, "i.yaml": IMPORTING})
    value = value_of(importing, "R", "P")
    assert isinstance(value, Unknown)
    if joined:
        (reference,) = value.references
        assert reference[0] in [each for root in exporting for each in root.resources]
    else:
        assert (value.reason, value.references) == (IMPORTED, ())
        assert ("which 0.yaml (O), 1.yaml (O) can export" in value.detail) == (len(names) == 2)


def test_outputs_of_a_loop(tmp_path: Path) -> None:
    text = """
Transform: AWS::LanguageExtensions
Resources:
  Fn::ForEach::Queues: [Name, [a, b], {"Q${Name}": {Type: AWS::SQS::Queue}}]
Outputs:
  Fn::ForEach::Outputs:
    - Name
    - [a, b]
    - "Out${Name}": {Value: !Ref {"Fn::Sub": "Q${Name}"}, Export: {Name: !Sub "main-${Name}"}}
"""
    importing = IMPORTING.replace("main-queue", "main-b")
    exporting, root = load(tmp_path, {"x.yaml": text, "i.yaml": importing})
    value = value_of(root, "R", "P")
    assert isinstance(value, Unknown)
    assert [(each[0].address, each[0].root) for each in value.references] == [("Qb", exporting)]


def test_what_imports_itself_ends(tmp_path: Path) -> None:
    text = (
        "Resources: {R: {Type: T, Properties: {P: !ImportValue %s}}}\n"
        "Outputs: {O: {Value: !ImportValue %s, Export: {Name: %s}}}\n"
    )
    one, other = load(tmp_path, {"a.yaml": text % ("b", "b", "a"), "b.yaml": text % ("a", "a", "b")})
    assert isinstance(value_of(one, "R", "P"), Unknown)
    assert isinstance(value_of(other, "R", "P"), Unknown)


def test_a_nested_template_exports_where_it_is_nested(tmp_path: Path) -> None:
    nesting = "Resources: {N: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: x.yaml}}}\n"
    roots = load(tmp_path, {"x.yaml": EXPORTING.replace("NAME", "main-queue"), "n.yaml": nesting, "i.yaml": IMPORTING})
    value = value_of(roots[2], "R", "P")
    assert isinstance(value, Unknown)
    assert [each[0].address for each in value.references] == ["N/Q"]


def test_a_given_stack_name_is_known_and_that_of_a_nested_stack_is_not(tmp_path: Path) -> None:
    text = (
        "Resources:\n  N: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: n.yaml}}\n"
        "  Q: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub '${AWS::StackName}-${AWS::Region}'}}\n"
    )
    config = '[default.global.parameters]\nstack_name = "main"\n[default.deploy.parameters]\nregion = "eu-west-1"\n'
    nested = "Resources: {Q: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub '${AWS::StackName}-${AWS::Region}'}}}"
    root = load(tmp_path, {"t.yaml": text, "n.yaml": nested, "samconfig.toml": config}, "samconfig.toml")[0]
    name = value_of(root, "Q", "QueueName")
    assert isinstance(name, Known)
    assert name.data == "main-eu-west-1"
    inner = value_of(root, "N/Q", "QueueName")
    assert isinstance(inner, Unknown)
    assert inner.parts == (None, "-eu-west-1")


def test_tags_of_the_stack(tmp_path: Path) -> None:
    configuration = '{"Parameters": {}, "Tags": {"team": "records"}}'
    (root,) = load(tmp_path, {"t.yaml": "Resources: {Q: {Type: AWS::SQS::Queue}}", "c.txt": configuration}, "c.txt")
    tags = root.resources[0].default_tags
    assert tags is not None
    assert plain(tags.force()) == {"team": "records"}


@pytest.mark.parametrize(
    ("limits", "possible", "impossible"),
    [
        ("Type: Number, MinValue: 1, MaxValue: 9", ["1", "9", "2.5"], ["0", "10", "many"]),
        ("Type: String, MinLength: 1, MaxLength: 3", ["a", "abc"], ["", "abcd"]),
        ("Type: String, AllowedPattern: '[a-z]+|x1'", ["ab", "x1"], ["ab1", "A", ""]),
        ("Type: String, AllowedPattern: '(?=no such thing in RE2)a'", ["b"], []),
    ],
)
def test_limits_of_parameters(tmp_path: Path, limits: str, possible: list[str], impossible: list[str]) -> None:
    (root,) = load(tmp_path, {"t.yaml": f"Parameters: {{P: {{{limits}}}}}\nResources: {{Q: {{Type: {QUEUE}}}}}\n"})
    parameter = input_of(root, "P")
    for text in possible:
        assert plain(parameter.make(text)) == text
    for text in impossible:
        with pytest.raises(Exception, match="P cannot be"):
            parameter.make(text)


def test_rules_narrow_domains_and_refuse_scenarios(tmp_path: Path) -> None:
    text = """
Parameters:
  Env: {Type: String, AllowedValues: [prod, dev, test]}
  Size: {Type: String, AllowedValues: [s, l]}
  Free: {Type: String}
Rules:
  NoTest: {Assertions: [{Assert: !Not [!Equals [!Ref Env, test]]}]}
  Free: {Assertions: [{Assert: !Contains [[x, y], !Ref Free]}]}
  Large:
    RuleCondition: !Equals [!Ref Env, prod]
    Assertions: [{Assert: !EachMemberIn [[!Ref Size], [l, xl]]}]
  Asked: {Assertions: [{Assert: !Contains [!RefAll 'AWS::EC2::VPC::Id', !Ref Free]}]}
Resources: {Q: {Type: AWS::SQS::Queue}}
"""
    (root,) = load(tmp_path, {"t.yaml": text})
    env, size, free = (input_of(root, label) for label in ("Env", "Size", "Free"))
    assert (env.domain, size.domain, free.domain) == (("prod", "dev"), ("s", "l"), ("x", "y"))
    possible = root.world.possible
    assert possible({env: Part("dev"), size: Part("s")})
    assert possible({size: Part("s")})
    assert not possible({env: Part("prod"), size: Part("s")})
    assert root.diagnostics == []


def test_loops_in_loops_of_a_property(tmp_path: Path) -> None:
    text = """
Transform: [AWS::LanguageExtensions]
Resources:
  Q:
    Type: AWS::SQS::Queue
    Properties:
      Map:
        Own: 0
        Fn::ForEach::A:
          - X
          - [a, b]
          - "k${X}": !Ref X
            Fn::ForEach::B:
              - Y
              - [1, 2]
              - "k${X}${Y}": !Sub "${X}-${Y}"
"""
    (root,) = load(tmp_path, {"t.yaml": text})
    value = value_of(root, "Q", "Map")
    assert isinstance(value, Known)
    assert plain(value) == {"Own": 0, "ka": "a", "kb": "b", "ka1": "a-1", "ka2": "a-2", "kb1": "b-1", "kb2": "b-2"}


def test_files_included_anywhere_are_files_of_the_root(tmp_path: Path) -> None:
    include = "Fn::Transform: {Name: AWS::Include, Parameters: {Location: %s}}"
    files = {
        "t.yaml": "Resources:\n  Q:\n    Type: AWS::SQS::Queue\n    Properties:\n      P:\n        "
        + include % "one.inc",
        "one.inc": "a: 1\nb: {" + include % "two.inc" + "}\n",
        "two.inc": "c: 2\n",
    }
    (root,) = load(tmp_path, files)
    assert [file.path for file in root.files] == ["t.yaml", "one.inc", "two.inc"]
    assert plain(value_of(root, "Q", "P")) == {"a": 1, "b": {"c": 2}}  # type: ignore[arg-type]


@pytest.mark.parametrize("written", ["!Rain::Embed x.sh", "{'Rain::Embed': x.sh}"])
def test_directives_of_other_tools_are_noted(tmp_path: Path, written: str) -> None:
    text = f"Resources:\n  M: {{Type: {written.replace('Embed', 'Module')}}}\n"
    text += f"  Q: {{Type: {QUEUE}, Properties: {{P: {written}, O: 1}}}}\n"
    (root,) = load(tmp_path, {"t.yaml": text})
    assert {each.severity for each in root.diagnostics} == {"note"}
    assert [each.address for each in root.resources] == ["M", "Q"]
    assert any("Rain::Module is no function" in message for message in root.unjudged)
    value = value_of(root, "Q", "P")
    assert isinstance(value, Unknown)
    assert value.reason == MACRO


def test_a_plain_parameter_of_ssm_is_no_secret(tmp_path: Path) -> None:
    properties = "P: '{{resolve:ssm:/a}}{{resolve:ssm-secure:/b}}', O: '{{resolve:ssm:/a}}'"
    text = f"Resources: {{Q: {{Type: AWS::SQS::Queue, Properties: {{{properties}}}}}}}"
    (root,) = load(tmp_path, {"t.yaml": text})
    plain_one, mixed = value_of(root, "Q", "O"), value_of(root, "Q", "P")
    assert isinstance(plain_one, Unknown)
    assert isinstance(mixed, Unknown)
    assert plain_one.reason == DATA_SOURCE
    assert mixed.reason != DATA_SOURCE


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("{", "not YAML"),
        (
            '{"artifacts": {"A": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "../../x"}}}}',
            "A names",
        ),
        (
            '{"artifacts": {"A": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "x"}}}}',
            "cannot read",
        ),
        ('{"artifacts": {"A": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "."}}}}', ""),
    ],
)
def test_a_broken_assembly_is_an_error(tmp_path: Path, written: str, message: str) -> None:
    write(tmp_path, {"cdk.out/manifest.json": written, "cdk.out/cdk.out": "{}"})
    root = load_assembly(tmp_path / "cdk.out", LoadOptions(tmp_path))
    assert root.resources == []
    assert all(each.severity == "error" for each in root.diagnostics)
    assert bool(root.diagnostics) == bool(message)
    assert message in "".join(each.message for each in root.diagnostics)


def test_an_assembly_is_found_though_git_ignores_it(tmp_path: Path) -> None:
    template = '{"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}'
    write(
        tmp_path,
        {
            ".gitignore": "cdk.out/\nbuild/\n",
            "cdk.out/manifest.json": "{}",
            "cdk.out/cdk.out": "{}",
            "cdk.out/x.template.json": template,
            "app/synth/manifest.json": "{}",
            "app/synth/cdk.out": "{}",
            "build/x.template.json": template,
            "other/cdk.out/x.template.json": template,
        },
    )
    found = discover([tmp_path], tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in found.assemblies] == ["app/synth", "cdk.out"]
    assert found.templates == []
    named = discover([tmp_path / "cdk.out" / "x.template.json"], tmp_path)
    assert (named.assemblies, len(named.templates)) == ([], 1)
