"""Resources of templates: existence, what stands beside the properties, loops, includes, Globals, nested stacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from hipaalint.expression.values import Absent, Known, Unknown, plain
from hipaalint.expression.world import Part
from hipaalint.load.cloudformation import load_template, without_nested
from hipaalint.load.options import LoadOptions
from hipaalint.resource import Root, WrittenResource


def load(folder: Path, name: str = "t.yaml", **texts: str) -> Root:
    for file, text in texts.items():
        path = folder / file.replace("__", "/").replace("_yaml", ".yaml").replace("_json", ".json")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return load_template(folder / name, LoadOptions(folder))


def resource(root: Root, address: str) -> WrittenResource:
    return next(each for each in root.resources if each.address == address)


def addresses(root: Root) -> list[str]:
    return [each.address for each in root.resources]


def messages(root: Root, severity: str) -> list[str]:
    return [each.message for each in root.diagnostics if each.severity == severity]


def test_existence_and_what_stands_beside(tmp_path: Path) -> None:
    root = load(
        tmp_path,
        t_yaml="""
Parameters: {Env: {Type: String, Default: dev}, Open: {Type: String}}
Conditions: {Prod: !Equals [!Ref Env, prod], IsX: !Equals [!Ref Open, x]}
Resources:
  A: {Type: AWS::SQS::Queue, Condition: Prod, DeletionPolicy: Retain, DependsOn: [B], Metadata: {k: !Ref Env}}
  B: {Type: 'Acme::Things::Thing', Condition: IsX}
  C: {Type: 'AWS::SQS::Queue', Condition: Missing}
  D: {Type: 'Custom::D', Properties: null}
""",
    )
    assert addresses(root) == ["A", "B", "C", "D"]
    a, b, c, d = root.resources
    assert plain(a.exists.force()) is False
    assert not a.may_exist()
    assert plain(a.meta.get("DeletionPolicy", None)) == "Retain"
    assert plain(a.meta.get("DependsOn", None)) == ["B"]
    assert plain(a.meta.get("Metadata", None)) == {"k": "dev"}
    assert isinstance(a.meta.get("UpdateReplacePolicy", None), Absent)
    with root.world.scenario({}) as reads:
        assert isinstance(b.exists.force(), Unknown)
    (open_,) = reads
    with root.world.scenario({open_: Part("x")}):
        assert plain(b.exists.force()) is True
    assert isinstance(c.exists.force(), Unknown)
    assert plain(d.exists.force()) is True
    assert d.body.names() == []
    assert root.diagnostics == []


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ("Resources:\n  A:\n\tType: x\n", "a tab cannot indent YAML", 3, 1),
        ("Resources:\n  A: {Type: AWS::S3::Bucket}\n  A: {Type: AWS::S3::Bucket}\n", "twice", 3, 3),
        ("Resources:\n  A: {Properties: {}}\n", "A has no Type", 2, 3),
        ("Resources:\n  A: {Type: T, Properties: [1]}\n", "Properties must be a map", 2, 28),
        ("Resources: [1]\n", "Resources must be a map", 1, 12),
        ("AWSTemplateFormatVersion: 2010-09-09\n", "has no Resources", 1, 1),
        ("- 1", "not a template", 1, 1),
    ],
)
def test_what_is_no_template_is_an_error(tmp_path: Path, text: str, message: str, line: int, column: int) -> None:
    root = load(tmp_path, t_yaml=text)
    (diagnostic,) = root.diagnostics
    assert diagnostic.severity == "error"
    assert message in diagnostic.message
    assert (diagnostic.path, diagnostic.line, diagnostic.column) == ("t.yaml", line, column)


def test_unreadable_files(tmp_path: Path) -> None:
    (root_missing,) = load(tmp_path, "missing.yaml").diagnostics
    assert (root_missing.severity, root_missing.path) == ("error", "missing.yaml")
    (tmp_path / "latin.yaml").write_bytes("Resources: é".encode("latin-1"))
    (diagnostic,) = load(tmp_path, "latin.yaml").diagnostics
    assert "UTF-8" in diagnostic.message
    assert diagnostic.column == 12
    (tmp_path / "t.yaml").write_text("Resources: {A: {Type: T}}")
    bad = tmp_path / "p.json"
    bad.write_text('{"a": ')
    root = load_template(tmp_path / "t.yaml", LoadOptions(tmp_path, parameters=[bad, tmp_path / "none.json"]))
    assert [(each.severity, each.path) for each in root.diagnostics] == [("error", "p.json"), ("error", "none.json")]
    assert addresses(root) == ["A"]


LOOP = """
Transform: AWS::LanguageExtensions
Parameters:
  Names: {Type: CommaDelimitedList, Default: "a,b"}
  Open: {Type: CommaDelimitedList}
  Bad: {Type: String, Default: b}
Conditions:
  'Fn::ForEach::Conditions':
    - Name
    - !Ref Names
    - 'Is${Name}': !Equals [!Ref Bad, !Ref Name]
Resources:
  'Fn::ForEach::Buckets':
    - Name
    - COLLECTION
    - 'Bucket${Name}':
        Type: AWS::S3::Bucket
        Condition: 'Is${Name}'
        DependsOn: 'Topic${Name}'
        Properties:
          BucketName: !Sub '${Name}-${AWS::AccountId}'
          Tag: !If ['Is${Name}', bad, good]
          Own: !GetAtt 'Topic${Name}.TopicName'
          Plain: 'x-${Name}-&{Name}'
      'Topic${Name}':
        Type: AWS::SNS::Topic
        Properties:
          TopicName: !Ref Name
          Tags:
            'Fn::ForEach::Tags': [Key, [x, y], {'${Key}': !Sub '${Key}-${Name}'}]
            own: 1
  Last: {Type: Custom::Last}
"""


def test_loops_are_expanded(tmp_path: Path) -> None:
    root = load(tmp_path, t_yaml=LOOP.replace("COLLECTION", "!Ref Names"))
    assert root.diagnostics == []
    assert addresses(root) == ["Bucketa", "Topica", "Bucketb", "Topicb", "Last"]
    for name, tag, exists in (("a", "good", False), ("b", "bad", True)):
        bucket = resource(root, f"Bucket{name}")
        assert not bucket.symbolic
        assert plain(bucket.exists.force()) is exists
        assert plain(bucket.body.get("Tag", None)) == tag
        assert plain(bucket.body.get("Own", None)) == name
        assert plain(bucket.body.get("Plain", None)) == f"x-{name}-{name}"
        assert plain(bucket.meta.get("DependsOn", None)) == f"Topic{name}"
        written = bucket.body.get("BucketName", None)
        assert isinstance(written, Unknown)
        assert written.parts == (f"{name}-", None)
        assert plain(resource(root, f"Topic{name}").body.get("Tags", None)) == {
            "own": 1,
            "x": f"x-{name}",
            "y": f"y-{name}",
        }
    assert resource(root, "Bucketa").header.text == "'Bucket${Name}'"


def test_a_loop_over_something_unknown_is_one_resource_for_all(tmp_path: Path) -> None:
    root = load(tmp_path, t_yaml=LOOP.replace("COLLECTION", "!Ref Open"))
    assert addresses(root) == ["Bucket${Name}", "Topic${Name}", "Last"]
    assert [each.symbolic for each in root.resources] == [True, True, False]
    assert isinstance(resource(root, "Bucket${Name}").body.get("BucketName", None), Unknown)
    assert isinstance(resource(root, "Bucket${Name}").exists.force(), Unknown)
    assert "not known" in messages(root, "note")[0]


def test_nested_loops_and_clean_names(tmp_path: Path) -> None:
    root = load(
        tmp_path,
        t_yaml="Resources:\n  Fn::ForEach::A:\n  - X\n  - [a-1, b.2]\n  - Fn::ForEach::B:\n    - Y\n    - [1, 2]\n"
        "    - R&{X}x${Y}: {Type: Custom::R, Properties: {P: !Sub '${X}/${Y}'}}\n",
    )
    assert addresses(root) == ["Ra1x1", "Ra1x2", "Rb2x1", "Rb2x2"]
    assert plain(resource(root, "Rb2x1").body.get("P", None)) == "b.2/1"


def test_globals_of_the_serverless_transform(tmp_path: Path) -> None:
    root = load(
        tmp_path,
        t_yaml="""
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Timeout: 3, Environment: {Variables: {A: 1, B: 2}}, Layers: [x], Tracing: Active}
  SimpleTable: {SSESpecification: {SSEEnabled: false}}
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {Timeout: 9, Environment: {Variables: {B: 3}}, Layers: [y]}
  T: {Type: AWS::Serverless::SimpleTable}
  L: {Type: AWS::Lambda::Function, Properties: {Timeout: 1}}
""",
    )
    names = [name for name in resource(root, "F").body.names() if name != "Role"]
    assert {name: plain(resource(root, "F").body.get(name, None)) for name in names} == {
        "Timeout": 9, "Environment": {"Variables": {"A": 1, "B": 3}}, "Layers": ["x", "y"], "Tracing": "Active",
    }  # fmt: skip
    sse = resource(root, "T").body.get("SSESpecification", None)
    assert plain(sse) == {"SSEEnabled": False}
    assert sse.range is not None
    assert sse.range.line == 5
    assert resource(root, "L").body.names() == ["Timeout"]
    assert root.diagnostics == []


def test_macros_of_others_are_noted(tmp_path: Path) -> None:
    root = load(
        tmp_path,
        t_yaml="""
Transform: [AWS::Serverless-2016-10-31, Explode, AWS::LanguageExtensions]
Resources:
  A: {Type: AWS::S3::Bucket, Properties: {BucketName: b, 'Fn::Transform': {Name: Mine}}}
  B: {Count: 3}
  M: {Type: 'Acme::S3::Bucket::MODULE'}
""",
    )
    assert [(each.address, each.type) for each in root.resources] == [
        ("A", "AWS::S3::Bucket"),
        ("B", ""),
        ("M", "Acme::S3::Bucket::MODULE"),
    ]
    assert not messages(root, "error")
    assert [message.split(" ")[:4] for message in messages(root, "note")] == [
        ["what", "the", "transform", "Explode"],
        ["the", "resource", "B", "has"],
        ["the", "module", "Acme::S3::Bucket::MODULE", "was"],
    ]
    assert len(root.unjudged) == 3
    body = resource(root, "A").body
    assert plain(body.get("BucketName", None)) == "b"
    assert isinstance(body.get("BucketEncryption", None), Unknown)


def test_includes_of_local_files(tmp_path: Path) -> None:
    root = load(
        tmp_path / "repo",
        t_yaml="""
Parameters: {Env: {Type: String, Default: dev}}
Resources:
  Fn::Transform: {Name: AWS::Include, Parameters: {Location: parts/more.yaml}}
  A:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: a
      Fn::Transform: {Name: AWS::Include, Parameters: {Location: ./parts/properties.yaml}}
  B:
    Type: AWS::S3::Bucket
    Properties:
      Tags: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: parts/tags.yaml}}}
      Away: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: ../outside.yaml}}}
""",
        parts__more_yaml="C: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref Env}}\n",
        parts__properties_yaml="Extra: !Sub '${Env}!'\n",
        parts__tags_yaml="- {Key: k, Value: !Ref Env}\n",
    )
    (tmp_path / "outside.yaml").write_text("secret: 1")
    assert sorted(addresses(root)) == ["A", "B", "C"]
    assert plain(resource(root, "C").body.get("QueueName", None)) == "dev"
    assert plain(resource(root, "A").body.get("BucketName", None)) == "a"
    assert plain(resource(root, "B").body.get("Tags", None)) == [{"Key": "k", "Value": "dev"}]
    assert isinstance(resource(root, "B").body.get("Away", None), Unknown)
    assert plain(resource(root, "A").body.get("Extra", None)) == "dev!"
    assert isinstance(resource(root, "A").body.get("Other", None), Absent)


PARENT = """
Parameters:
  Env: {Type: String, AllowedValues: [dev, prod], Default: dev}
  Other: {Type: String, AllowedValues: [x, y], Default: x}
  Open: {Type: String}
Conditions: {Prod: !Equals [!Ref Env, prod]}
Resources:
  Nested:
    Type: AWS::CloudFormation::Stack
    Condition: Prod
    Properties:
      TemplateURL: LOCATION
      Tags: [{Key: phi, Value: !Ref Env}]
      Parameters: {Encrypt: "false", Env: !Ref Env, Names: !Join [",", [a, !Ref Env]], Other: !Ref Other}
  User:
    Type: Custom::User
    Properties: {Key: !GetAtt Nested.Outputs.Key, Env: !GetAtt Nested.Outputs.Env, None: !GetAtt Nested.Outputs.No}
"""
CHILD = """
Parameters:
  Encrypt: {Type: String, Default: "true", AllowedValues: ["true", "false"]}
  Env: {Type: String}
  Names: {Type: CommaDelimitedList}
  Other: {Type: String}
  Unset: {Type: String, AllowedValues: [a, b], Default: a}
Resources:
  Volume:
    Type: AWS::EC2::Volume
    Properties: {Encrypted: !Ref Encrypt, Env: !Ref Env, Names: !Ref Names, Unset: !Ref Unset}
  Key: {Type: AWS::KMS::Key}
Outputs:
  Key: {Value: !GetAtt Key.Arn}
  Env: {Value: !Sub "<${Env}>"}
"""


@pytest.mark.parametrize(
    "location",
    [
        "nested/child.yaml",
        "./nested/child.yaml",
        "https://s3.amazonaws.com/bucket/prefix/nested/child.yaml",
        "!Sub 'https://${Open}.s3.${AWS::URLSuffix}/${Open}nested/child.yaml'",
        "!Join ['', ['https://', !Ref Open, '.example.com/nested/child.yaml']]",
    ],
)
def test_nested_stacks(tmp_path: Path, location: str) -> None:
    root = load(tmp_path, t_yaml=PARENT.replace("LOCATION", location), nested__child_yaml=CHILD)
    assert root.diagnostics == []
    assert addresses(root) == ["Nested", "User", "Nested/Volume", "Nested/Key"]
    assert [file.path for file in root.files] == ["t.yaml", "nested/child.yaml"]
    volume = resource(root, "Nested/Volume")
    assert (volume.module, volume.name) == ("Nested", "Volume")
    assert volume.header.file.path == "nested/child.yaml"
    assert plain(volume.body) == {"Encrypted": "false", "Env": "dev", "Names": ["a", "dev"], "Unset": "a"}
    assert plain(volume.exists.force()) is False
    assert volume.default_tags is not None
    assert plain(volume.default_tags.force()) == {"phi": "dev"}
    assert [input.label for input in root.inputs] == ["Env", "Other", "Open"]
    with root.world.scenario({}) as reads:
        volume.body.get("Env", None)
        volume.body.get("Unset", None)
    assert [input.label for input in reads] == ["Env"]
    with root.world.scenario({root.inputs[0]: Part("prod")}):
        assert plain(volume.exists.force()) is True
        assert plain(volume.body.get("Names", None)) == ["a", "prod"]
    user = resource(root, "User")
    key = user.body.get("Key", None)
    assert isinstance(key, Unknown)
    assert plain(user.body.get("Env", None)) == "<dev>"
    assert isinstance(user.body.get("None", None), Unknown)


def test_a_stack_from_elsewhere_is_noted(tmp_path: Path) -> None:
    for location in ("https://s3.amazonaws.com/bucket/other.yaml", "!Ref Open", "../outside/child.yaml"):
        (tmp_path / "outside").mkdir(exist_ok=True)
        (tmp_path / "outside" / "child.yaml").write_text(CHILD)
        root = load(tmp_path / "repo", t_yaml=PARENT.replace("LOCATION", location))
        assert addresses(root) == ["Nested", "User"]
        assert "was not loaded" in messages(root, "note")[0]
        assert root.unjudged
        value = resource(root, "User").body.get("Key", None)
        assert isinstance(value, Unknown)
        assert value.reason == "module-not-loaded"


def test_stacks_that_nest_themselves_end(tmp_path: Path) -> None:
    texts = {
        "t_yaml": "Resources: {B: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: b.yaml}}}",
        "b_yaml": "Resources: {A: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: t.yaml}}}",
    }
    root = load(tmp_path, **texts)
    assert addresses(root) == ["B", "B/A"]
    assert messages(root, "error") == ["A was not loaded: it nests itself"]
    options = LoadOptions(tmp_path)
    both = [load_template(tmp_path / name, options) for name in ("t.yaml", "b.yaml")]
    assert [each.path for each in without_nested(both)] == ["b.yaml"]


def test_a_nested_template_is_judged_alone_only_when_named(tmp_path: Path) -> None:
    load(tmp_path, t_yaml=PARENT.replace("LOCATION", "child.yaml"), child_yaml=CHILD)
    options = LoadOptions(tmp_path)
    roots = [load_template(tmp_path / name, options) for name in ("child.yaml", "t.yaml")]
    assert [root.path for root in without_nested(roots)] == ["t.yaml"]
    assert [root.path for root in without_nested(roots, {"child.yaml"})] == ["child.yaml", "t.yaml"]


def test_a_broken_nested_template_is_an_error(tmp_path: Path) -> None:
    root = load(tmp_path, t_yaml=PARENT.replace("LOCATION", "child.yaml"), child_yaml="Resources: [")
    assert addresses(root) == ["Nested", "User"]
    assert [(each.severity, each.path) for each in root.diagnostics] == [("error", "child.yaml")]


def test_references_in_a_circle_end(tmp_path: Path) -> None:
    root = load(
        tmp_path,
        t_yaml="Conditions: {A: !Not [!Condition B], B: !Not [!Condition A]}\nResources:\n"
        "  X: {Type: Custom::X, Condition: A, Properties: {P: !GetAtt Y.Q}}\n"
        "  Y: {Type: Custom::Y, Properties: {Q: !GetAtt X.P}}\n",
    )
    assert isinstance(resource(root, "X").body.get("P", None), Unknown)
    assert isinstance(resource(root, "X").exists.force(), Unknown)


def test_each_file_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(PARENT.replace("LOCATION", "child.yaml"))
    (tmp_path / "child.yaml").write_text(CHILD)
    options = LoadOptions(tmp_path)
    first = load_template(tmp_path / "t.yaml", options)
    for name in ("t.yaml", "child.yaml"):
        (tmp_path / name).write_text("Resources: {}")
    assert addresses(load_template(tmp_path / "child.yaml", options)) == ["Volume", "Key"]
    second = load_template(tmp_path / "t.yaml", options)
    assert first.files == second.files
    assert isinstance(resource(second, "Nested/Volume").body.get("Encrypted", None), Known)
