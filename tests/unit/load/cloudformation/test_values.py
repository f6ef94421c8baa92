"""What the properties of a template mean: parameters, pseudo parameters, intrinsics, conditions, ranges."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from hipaalint.expression.values import (
    COMPUTED,
    CONDITION,
    DATA_SOURCE,
    ERROR,
    IMPORTED,
    MACRO,
    NO_VALUE,
    SECRET_REFERENCE,
    UNRESOLVED,
    Absent,
    Known,
    Unknown,
    Value,
    all_references,
    plain,
)
from hipaalint.expression.world import Input, Part
from hipaalint.load.cloudformation import load_template
from hipaalint.load.options import LoadOptions
from hipaalint.resource import Root, WrittenResource

IDENTIFIERS = {"AWS::S3::Bucket": "BucketName"}

TEMPLATE = """
Parameters:
  Env: {Type: String, AllowedValues: [dev, prod], Default: dev}
  Free: {Type: String, Default: some}
  Open: {Type: String}
  Size: {Type: Number, Default: 7}
  Names: {Type: CommaDelimitedList, Default: "a, b,c"}
  Subnets: {Type: "List<AWS::EC2::Subnet::Id>"}
  Flag: {Type: String, Default: true}
  Password: {Type: String, NoEcho: true, Default: hunter2}
  Image: {Type: "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", Default: /aws/ami}
Mappings:
  Sizes:
    dev: {Type: small, Encrypted: true, Zones: [x, y]}
    prod: {Type: large, Encrypted: true, Zones: [x, z]}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
  IsDev: {"Fn::Not": [{Condition: IsProd}]}
  Sized: !Equals [7, !Ref Size]
  Both: !And [!Condition IsDev, !Condition Sized]
  Either: !Or [!Condition IsProd, !Equals [!Ref Flag, "true"]]
  OpenIsX: !Equals [!Ref Open, x]
  Imported: !Equals [!ImportValue flag, "yes"]
  NotImported: !Not [!Condition Imported]
  Here: !Equals [!Ref AWS::Partition, aws-cn]
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: the-bucket
  Role:
    Type: AWS::IAM::Role
  X:
    Type: Custom::X
    Properties:
"""


def load(
    tmp_path: Path, text: str, name: str = "t.yaml", parameters: str | None = None, assume_nothing: bool = False
) -> Root:
    (tmp_path / name).write_text(text, encoding="utf-8")
    files = []
    if parameters is not None:
        (tmp_path / "parameters.json").write_text(parameters, encoding="utf-8")
        files = [tmp_path / "parameters.json"]
    options = LoadOptions(tmp_path, parameters=files, identifier=IDENTIFIERS.get, assume_nothing=assume_nothing)
    return load_template(tmp_path / name, options)


def resource(root: Root, address: str) -> WrittenResource:
    return next(each for each in root.resources if each.address == address)


def value_of(tmp_path: Path, written: str, parameters: str | None = None, assume_nothing: bool = False) -> Value:
    """The value of a property P of the template above."""
    text = TEMPLATE + textwrap.indent(f"P: {written}\n", " " * 6)
    return resource(load(tmp_path, text, parameters=parameters, assume_nothing=assume_nothing), "X").body.get("P", None)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("text", "text"), ("7", 7), ("true", True), ("'true'", "true"), ("012", "012"), ("5.10", "5.10"),
        ("2012-10-17", "2012-10-17"), ("no", "no"), ("[1, {a: b}]", [1, {"a": "b"}]),
        ("!Ref Env", "dev"), ("{Ref: Free}", "some"), ("!Ref Size", "7"), ("!Ref Flag", "true"),
        ("!Ref Names", ["a", "b", "c"]), ("!Select [1, !Ref Names]", "b"), ("!Select ['0', [x, y]]", "x"),
        ("!Join ['-', [a, !Ref Env, 3]]", "a-dev-3"), ("!Join ['', !Ref Names]", "abc"),
        ("!Join ['', [a, !Ref AWS::NoValue, b]]", "ab"),
        ("!Split ['/', 'a/b/c']", ["a", "b", "c"]), ("!Select [2, !Split ['.', 'a.b.c']]", "c"),
        ("!Sub '${Env}-${Size}'", "dev-7"), ("!Sub '${!Env}'", "${Env}"), ("!Sub 'no'", "no"),
        ("!Sub ['${a}-${Env}', {a: !Ref Free}]", "some-dev"), ("{'Fn::Sub': ['${a}', {a: !Sub '<${Env}>'}]}", "<dev>"),
        ("!FindInMap [Sizes, !Ref Env, Type]", "small"), ("!FindInMap [Sizes, nowhere, Type, {DefaultValue: d}]", "d"),
        ("!FindInMap [None, a, b, {DefaultValue: !Ref Env}]", "dev"), ("!FindInMap [Sizes, dev, Zones]", ["x", "y"]),
        ("!FindInMap [Sizes, !Ref Open, Encrypted]", True),
        ("!If [IsProd, a, b]", "b"), ("!If [IsDev, {k: v}, b]", {"k": "v"}), ("!If [Both, a, b]", "a"),
        ("!If [Either, a, b]", "a"), ("{'Fn::If': [Sized, !If [IsProd, 1, 2], 3]}", 2),
        ("[a, !If [IsProd, b, !Ref AWS::NoValue]]", ["a"]), ("{a: !Ref 'AWS::NoValue', b: 1}", {"b": 1}),
        ("!Base64 hi", "aGk="), ("{'Fn::Base64': !Sub '${Env}'}", "ZGV2"), ("!Length [a, b]", 2),
        ("!Length {Ref: Names}", 3),
        ("!Cidr [10.0.0.0/24, 2, 5]", ["10.0.0.0/27", "10.0.0.32/27"]), ("!Cidr [10.0.0.0/16, 1]", ["10.0.0.0/24"]),
        ("!Ref Bucket", "the-bucket"), ("!GetAtt Bucket.BucketName", "the-bucket"), ("!Sub '${Bucket}/*'", "the-bucket/*"),
        ("{a: {b: [!Ref Env, {c: !Ref Size}]}}", {"a": {"b": ["dev", {"c": "7"}]}}),
    ],
)  # fmt: skip
def test_known_values(tmp_path: Path, written: str, expected: object) -> None:
    assert plain(value_of(tmp_path, written)) == expected


@pytest.mark.parametrize(
    ("written", "reason", "parts"),
    [
        ("!Ref Open", NO_VALUE, None),
        ("!Ref Subnets", NO_VALUE, None),
        ("!Ref Image", DATA_SOURCE, None),
        ("!Ref AWS::AccountId", NO_VALUE, None),
        ("!Ref AWS::Region", NO_VALUE, None),
        ("!Sub 'arn:${AWS::Partition}:s3:::${Open}/*'", NO_VALUE, ("arn:", None, ":s3:::", None, "/*")),
        ("!Join [':', [arn, !Ref AWS::Partition, x]]", NO_VALUE, ("arn:", None, ":x")),
        ("!Join ['-', !Ref Subnets]", NO_VALUE, None),
        ("!Select [0, !Ref Subnets]", NO_VALUE, None),
        ("!Select [5, !Split [':', !GetAtt Role.Arn]]", COMPUTED, None),
        ("!Sub '${AWS::StackId}!'", NO_VALUE, ("arn:", None, ":cloudformation:", None, ":stack/", None, "!")),
        ("!Ref Role", COMPUTED, None),
        ("!GetAtt Role.Arn", COMPUTED, None),
        ("{'Fn::GetAtt': [Role, Arn]}", COMPUTED, None),
        ("!GetAtt Role.Some.Thing", COMPUTED, None),
        ("!ImportValue shared-key", IMPORTED, None),
        ("!ImportValue {'Fn::Sub': '${Env}-key'}", IMPORTED, None),
        ("!GetAZs ''", NO_VALUE, None),
        ("!FindInMap [Sizes, !Ref Open, Type]", NO_VALUE, None),
        ("'{{resolve:secretsmanager:db:SecretString:password}}'", SECRET_REFERENCE, (None,)),
        ("!Sub '{{resolve:ssm-secure:/${Env}/pw:1}}'", SECRET_REFERENCE, (None,)),
        ("!Sub 'x={{resolve:ssm:/${Open}/host}};y'", DATA_SOURCE, ("x=", None, ";y")),
        ("!Join ['', ['{{resolve:secretsmanager:', !Ref Role, ':SecretString}}']]", SECRET_REFERENCE, (None,)),
        ("!Ref Nowhere", UNRESOLVED, None),
        ("!GetAtt Nowhere.Arn", UNRESOLVED, None),
        ("!If [Nowhere, a, b]", CONDITION, None),
        ("!FindInMap [Sizes, nowhere, Type]", ERROR, None),
        ("!Select [7, [a]]", ERROR, None),
        ("!Join [a]", ERROR, None),
        ("!Sub [a, b, c]", ERROR, None),
        ("!Cidr [10.0.0.0/24, 9, 5]", ERROR, None),
        ("!Made Up", ERROR, None),
        ("{'Fn::Transform': {Name: Macro}}", MACRO, None),
        ("{'Fn::Transform': {Name: 'AWS::Include', Parameters: {Location: 's3://b/k'}}}", MACRO, None),
    ],
)
def test_unknown_values(tmp_path: Path, written: str, reason: str, parts: tuple[str | None, ...] | None) -> None:
    value = value_of(tmp_path, written)
    assert isinstance(value, Unknown)
    assert (value.reason, value.parts) == (reason, parts)
    assert value.detail
    if reason not in (ERROR, CONDITION, MACRO):
        assert value.not_null


def test_a_known_piece_in_front_of_a_hole_can_be_selected(tmp_path: Path) -> None:
    written = "!Select [2, !Split [':', !Sub 'arn:aws:s3:::${Open}']]"
    assert plain(value_of(tmp_path, written)) == "s3"
    assert isinstance(value_of(tmp_path, written.replace("2", "5", 1)), Unknown)


def test_to_json_string_keeps_the_structure(tmp_path: Path) -> None:
    assert plain(value_of(tmp_path, "!ToJsonString {a: [1, !Ref Env]}")) == '{"a":[1,"dev"]}'
    value = value_of(tmp_path, "!ToJsonString {a: !Ref Open}")
    assert isinstance(value, Unknown)
    assert value.type == "string"


def test_references_name_the_resource(tmp_path: Path) -> None:
    for written, attribute in (
        ("!Ref Bucket", "Ref"), ("!GetAtt Bucket.Arn", "Arn"), ("!Sub 'x-${Bucket.Arn}'", "Arn"),
        ("!Join ['', [a, !Ref Bucket]]", "Ref"), ("!If [IsProd, a, !Ref Bucket]", "Ref"),
        ("[{a: !Ref Bucket}]", "Ref"), ("!Select [0, !Split [':', !Sub '${Bucket}:x']]", "Ref"),
    ):  # fmt: skip
        references = all_references(value_of(tmp_path, written))
        assert [(each.address, name) for each, name in references] == [("Bucket", attribute)], written


def test_no_echo_is_sensitive_wherever_it_goes(tmp_path: Path) -> None:
    for written in ("!Ref Password", "!Sub 'a-${Password}'", "!Join ['', [a, !Ref Password]]",
                    "!Base64 {Ref: Password}", "!Select [0, !Split ['u', !Ref Password]]"):  # fmt: skip
        assert value_of(tmp_path, written).sensitive, written
    assert value_of(tmp_path, "!Ref Password", '{"Password": "x"}').sensitive
    assert not value_of(tmp_path, "!Ref Free").sensitive


def test_no_value_leaves_the_property_out(tmp_path: Path) -> None:
    value = value_of(tmp_path, "!If [IsProd, x, !Ref AWS::NoValue]")
    assert isinstance(value, Absent)
    assert value.path == "P"
    assert value.range is not None
    assert value.range.text == "P: !If [IsProd, x, !Ref AWS::NoValue]"


@pytest.mark.parametrize(
    "parameters",
    [
        '[{"ParameterKey": "Env", "ParameterValue": "prod"}, {"ParameterKey": "Size", "UsePreviousValue": true}]',
        '{"Parameters": {"Env": "prod"}, "StackPolicy": {}}',
        '{"Env": "prod", "Other": "x"}',
    ],
)
def test_given_parameters_are_fixed(tmp_path: Path, parameters: str) -> None:
    value = value_of(tmp_path, "!FindInMap [Sizes, !Ref Env, Type]", parameters)
    assert plain(value) == "large"
    root = load(tmp_path, TEMPLATE, parameters=parameters)
    assert "Env" not in [input.label for input in root.inputs]
    assert "Free" in [input.label for input in root.inputs]
    given = value_of(tmp_path, "!Ref Env", parameters)
    trail = [given]
    while trail[-1].sources:
        trail.append(trail[-1].sources[0])
    assert any(step.range is not None and step.range.file.path == "parameters.json" for step in trail)


def test_given_lists_and_numbers(tmp_path: Path) -> None:
    assert plain(value_of(tmp_path, "!Ref Subnets", '{"Subnets": "s-1,s-2"}')) == ["s-1", "s-2"]
    assert plain(value_of(tmp_path, "!Ref Subnets", '{"Subnets": ["s-1", "s-2"]}')) == ["s-1", "s-2"]
    assert plain(value_of(tmp_path, "!If [Sized, a, b]", '{"Size": 8}')) == "b"


def test_the_trail_leads_to_the_default(tmp_path: Path) -> None:
    value = value_of(tmp_path, "!Ref Free")
    texts = []
    current: Value | None = value
    while current is not None:
        texts.append(current.range.text if current.range is not None else "")
        current = current.sources[0] if current.sources else None
    assert texts[0] == "P: !Ref Free"
    assert texts[-1] == "Default: some"


def inputs_read(root: Root, address: str) -> dict[str, list[object]]:
    with root.world.scenario({}) as reads:
        resource(root, address).body.get("P", None)
        resource(root, address).exists.force()
    return {input.label: list(constants) for input, constants in reads.items()}


def with_property(tmp_path: Path, written: str, assume_nothing: bool = False) -> Root:
    return load(tmp_path, TEMPLATE + f"      P: {written}\n", assume_nothing=assume_nothing)


def input_named(root: Root, address: str, label: str) -> Input:
    with root.world.scenario({}) as reads:
        resource(root, address).body.get("P", None)
        resource(root, address).exists.force()
    return next(input for input in reads if input.label == label)


def test_scenarios_split_what_was_read(tmp_path: Path) -> None:
    root = with_property(tmp_path, "!If [IsProd, a, b]")
    assert inputs_read(root, "X") == {"Env": ["dev", "prod"]}
    env = input_named(root, "X", "Env")
    with root.world.scenario({env: Part("prod")}):
        assert plain(resource(root, "X").body.get("P", None)) == "a"
    assert plain(resource(root, "X").body.get("P", None)) == "b"


def test_a_parameter_without_default_is_split_where_it_is_compared(tmp_path: Path) -> None:
    root = with_property(tmp_path, "!If [OpenIsX, a, b]")
    assert inputs_read(root, "X") == {"Open": ["x"]}
    assert isinstance(resource(root, "X").body.get("P", None), Unknown)
    open_ = input_named(root, "X", "Open")
    with root.world.scenario({open_: Part("x")}):
        assert plain(resource(root, "X").body.get("P", None)) == "a"
    with root.world.scenario({open_: Part(None, frozenset({"x"}))}):
        assert plain(resource(root, "X").body.get("P", None)) == "b"


def test_undecidable_conditions_are_one_input_with_their_opposites(tmp_path: Path) -> None:
    root = with_property(tmp_path, "[!If [Imported, a, b], !If [NotImported, a, b], !If [Imported, c, d]]")
    reads = inputs_read(root, "X")
    assert list(reads) == ['`!Equals [!ImportValue flag, "yes"]`']
    condition = input_named(root, "X", next(iter(reads)))
    with root.world.scenario({condition: Part(True)}):
        assert plain(resource(root, "X").body.get("P", None)) == ["a", "b", "c"]
    with root.world.scenario({condition: Part(False)}):
        assert plain(resource(root, "X").body.get("P", None)) == ["b", "a", "d"]


def test_pseudo_parameters_are_split_only_where_they_are_compared(tmp_path: Path) -> None:
    assert inputs_read(with_property(tmp_path, "!Sub 'arn:${AWS::Partition}'"), "X") == {"AWS::Partition": []}
    assert inputs_read(with_property(tmp_path, "!If [Here, a, b]"), "X") == {"AWS::Partition": ["aws-cn"]}


def test_the_keys_of_a_mapping_are_the_values_to_try(tmp_path: Path) -> None:
    root = with_property(tmp_path, "!FindInMap [Sizes, !Ref Open, Type]")
    assert inputs_read(root, "X") == {"Open": ["dev", "prod"]}
    with root.world.scenario({input_named(root, "X", "Open"): Part("prod")}):
        assert plain(resource(root, "X").body.get("P", None)) == "large"


def test_assume_nothing_opens_every_default(tmp_path: Path) -> None:
    root = with_property(tmp_path, "!Ref Free", assume_nothing=True)
    assert isinstance(resource(root, "X").body.get("P", None), Unknown)
    assert isinstance(value_of(tmp_path, "!If [IsProd, a, b]", assume_nothing=True), Unknown)


def test_ranges(tmp_path: Path) -> None:
    root = with_property(tmp_path, "{a: !Sub 'x-${Env}', b: [1, 2]}")
    value = resource(root, "X").body.get("P", None)
    assert isinstance(value, Known)
    assert value.range is not None
    assert value.range.text == "P: {a: !Sub 'x-${Env}', b: [1, 2]}"
    assert value.data["a"].range.text == "a: !Sub 'x-${Env}'"
    assert value.data["b"].data[1].range.text == "2"
    assert resource(root, "X").header.text == "X"
    assert resource(root, "X").range.text.startswith("X:\n    Type")
    missing = resource(root, "X").body.get("Q", None)
    assert isinstance(missing, Absent)
    assert (missing.path, missing.range) == ("Q", resource(root, "X").header)


def test_an_alias_is_reported_where_it_stands(tmp_path: Path) -> None:
    root = load(
        tmp_path,
        "Resources:\n  A:\n    Type: Custom::A\n    Properties: &shared\n      P: {k: 1}\n      Q: &q [1]\n"
        "  B:\n    Type: Custom::B\n    Properties:\n      <<: *shared\n      R: *q\n      S: {t: *q}\n",
    )
    body = resource(root, "B").body
    assert body.names() == ["P", "Q", "R", "S"]
    ranges = {name: body.get(name, None).range for name in body.names()}
    assert {name: range.text for name, range in ranges.items() if range is not None} == {
        "P": "P: {k: 1}", "Q": "Q: &q [1]", "R": "R", "S": "S: {t: *q}",
    }  # fmt: skip
    inner = body.get("S", None)
    assert isinstance(inner, Known)
    assert inner.data["t"].range.text == "t"
    assert plain(inner) == {"t": [1]}


def test_json_and_yaml_short_and_long_mean_the_same(tmp_path: Path) -> None:
    pairs = [
        ("!Sub '${Env}'", '{"Fn::Sub": "${Env}"}'),
        ("!GetAtt Bucket.Arn", '{"Fn::GetAtt": ["Bucket", "Arn"]}'),
        ("!GetAtt Bucket.Arn", '{"Fn::GetAtt": "Bucket.Arn"}'),
        ("!If [IsProd, !Ref AWS::NoValue, [1]]", '{"Fn::If": ["IsProd", {"Ref": "AWS::NoValue"}, [1]]}'),
        ("!FindInMap [Sizes, !Ref Env, Type]", '{"Fn::FindInMap": ["Sizes", {"Ref": "Env"}, "Type"]}'),
        ("!Select [0, !GetAZs '']", '{"Fn::Select": ["0", {"Fn::GetAZs": ""}]}'),
    ]
    for short, long in pairs:
        assert repr(value_of(tmp_path, short)) == repr(value_of(tmp_path, long))
