"""Texts that ask for more than anybody has: each ends as a diagnostic with its limit, beside others that are judged."""

from __future__ import annotations

from typing import Any

import pytest

from .bounded import TEMPLATE, VOLUME, scan, write

ATTRIBUTE = 'resource "aws_ebs_volume" "x" {\n  availability_zone = "a"\n  encrypted = %s\n}\n'


def _anchors(first: str, following: str, count: int = 12) -> str:
    lines = [f"  l0: &l0 {first}\n"]
    for number in range(1, count):
        aliases = ", ".join([f"*l{number - 1}"] * 9)
        lines.append(f"  l{number}: &l{number} {following.format(aliases=aliases, number=number)}\n")
    return TEMPLATE + "Metadata:\n" + "".join(lines)


def _locals(first: str, following: str, count: int = 60) -> str:
    lines = [f"  a0 = {first}\n"]
    lines += [f"  a{number} = {following.format(last=f'local.a{number - 1}')}\n" for number in range(1, count)]
    return "locals {\n" + "".join(lines) + "}\n" + ATTRIBUTE % f"local.a{count - 1}"


def _json(inside: str) -> str:
    return f'{{"AWSTemplateFormatVersion":"2010-09-09","Resources":{{"X":{{"Type":"AWS::EC2::Volume","Properties":{inside}}}}}}}'


FOR_EACH = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::LanguageExtensions
Resources:
  Fn::ForEach::A:
    - X
    - [{names}]
    - Fn::ForEach::B:
        - Y
        - [{names}]
        - V${{X}}${{Y}}:
            Type: AWS::EC2::Volume
            Properties: {{Encrypted: false}}
"""

# folder → (file, text, what the diagnostic says)
CASES: dict[str, tuple[str, str | bytes, str]] = {
    "laughs": ("t.yaml", _anchors("[x]", "[{aliases}]"), "aliases repeat more than 250,000 values"),
    "merges": ("t.yaml", _anchors("{a: 1}", "{{<<: [{aliases}], k{number}: 1}}"), "aliases repeat more than 250,000"),
    "yaml-brackets": ("t.yaml", TEMPLATE + "Metadata: " + "[" * 10_000 + "]" * 10_000, "deeper than 200 levels"),
    "yaml-dashes": ("t.yaml", TEMPLATE + "Metadata:\n  " + "- " * 100_000 + "x\n", "deeper than 200 levels"),
    "yaml-itself": ("t.yaml", TEMPLATE + "Metadata: &a [*a]\n", "it would never end"),
    "json-brackets": ("t.json", _json("[" * 10_000 + "]" * 10_000), "deeper than 200 levels"),
    "json-unclosed": ("t.json", _json('{"a":' * 100_000), "deeper than 200 levels"),
    "plan-modules": (
        "p.json",
        '{"format_version":"1.2","planned_values":{"root_module":' + '{"child_modules":[' * 5000 + "]}" * 5000 + "}}",
        "deeper than 200 levels",
    ),
    "hcl-brackets": ("m.tf", "locals { a = " + "[" * 10_000 + "]" * 10_000 + " }\n", "more than 128 levels"),
    "hcl-parentheses": ("m.tf", "locals { a = " + "(" * 10_000 + "1" + ")" * 10_000 + " }\n", "more than 128 levels"),
    "hcl-templates": ("m.tf", "locals { a = " + '"${' * 10_000 + "1" + '}"' * 10_000 + " }\n", "more than 128 levels"),
    "hcl-blocks": ("m.tf", "a {\n" * 10_000 + "}\n" * 10_000, "more than 128 levels"),
    "hcl-signs": ("m.tf", "locals { a = " + "!" * 100_000 + "true }\n", "more than 1000 links"),
    "hcl-sums": ("m.tf", "locals { a = " + "1 + " * 100_000 + "1 }\n", "more than 1000 links"),
    "hcl-members": ("m.tf", "locals { a = b" + ".c" * 100_000 + " }\n", "more than 1000 links"),
    "hcl-json": ("m.tf.json", '{"locals":{"a":' + "[" * 10_000 + "]" * 10_000 + "}}", "deeper than 200 levels"),
    "count": ("m.tf", VOLUME.replace("size ", "count = 10000000\nsize "), "more than 2,000 instances"),
    "for-each": (
        "m.tf",
        VOLUME.replace("size ", "for_each = toset([for i in range(10000000) : tostring(i)])\nsize "),
        "more than 1024 values",
    ),
    "lists": ("m.tf", _locals('["x"]', "[{last}, {last}]"), "more than 200,000 values"),
    "objects": ("m.tf", _locals('{ a = "x" }', "{{ a = {last}, b = {last} }}"), "more than 200,000 values"),
    "merged": ("m.tf", _locals("{ a = 1 }", "merge({{ a = {last} }}, {{ b = {last} }})"), "more than 200,000 values"),
    "texts": ("m.tf", _locals('"xxxxxxxxxx"', '"${{{last}}}${{{last}}}"'), "more than 1,048,576 characters"),
    "loops": ("m.tf", ATTRIBUTE % ("[for a in range(1000) : " * 6 + "1" + "]" * 6), "more than 200,000 values"),
    "template-loops": (
        "m.tf",
        ATTRIBUTE % ('"' + "%{for a in range(1000)}" * 4 + "xxxxxxxxxx" + "%{endfor}" * 4 + '"'),
        "more than 1,048,576 characters",
    ),
    "tried": ("m.tf", ATTRIBUTE % ("try([for a in range(1000) : range(1000)], true)"), "more than 200,000 values"),
    "products": (
        "m.tf",
        ATTRIBUTE % "length(setproduct(range(1000), range(1000), range(1000))) == 1",
        "more than the limit of 100,000",
    ),
    "replaced": (
        "m.tf",
        ATTRIBUTE
        % 'replace(replace(join("", [for i in range(1000) : "xxxx"]), "x", join("", range(1000))), "", "yyyy")',
        "more than the limit of 1,048,576",
    ),
    "formatted": ("m.tf", ATTRIBUTE % 'format("%9999999d", 1)', "more than the limit of 1,048,576"),
    "module-itself": ("m.tf", VOLUME + 'module "a" {\n  source = "./"\n}\n', "./ calls itself"),
    "cfn-loops": (
        "t.yaml",
        FOR_EACH.format(names=", ".join(f"n{number}" for number in range(900))),
        "more than 10,000 turns",
    ),
    "stack-itself": (
        "t.yaml",
        TEMPLATE + "  N:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: ./t.yaml\n",
        "it nests itself",
    ),
    "not-utf8": ("m.tf", VOLUME.encode() + b"# \xff\xfe\n", "not valid in UTF-8"),
    "nul": ("t.yaml", TEMPLATE + "\0", "a NUL character"),
    "faults": ("m.tf", "= = =\n" * 200_000, "Argument or block definition required"),
    "quotes": ("m.tf", 'locals {\n  a = "' + "x" * 1_000_000, "string"),
    "module-away": ("m.tf", 'module "a" {\n  source = "../../../../../../etc"\n}\n', "leads out of the repository"),
}
# folder → files that end without a word, and soon
QUIET: dict[str, dict[str, str | bytes]] = {
    "locals-circle": {"m.tf": "locals {\n  a = local.b\n  b = local.a\n}\n" + ATTRIBUTE % "local.a"},
    "locals-chain": {"m.tf": _locals("true", "{last}", 30_000)},
    "conditions-circle": {
        "t.yaml": TEMPLATE.replace("false", "!If [A, true, false]")
        + "Conditions:\n  A: !Not [!Condition B]\n  B: !Condition A\n"
    },
    "references-circle": {
        "t.yaml": TEMPLATE.replace("false", "!GetAtt Other.Encrypted")
        + "  Other:\n    Type: AWS::EC2::Volume\n    Properties: {Encrypted: !GetAtt Data.Encrypted}\n"
    },
    "patterns": {
        "m.tf": ATTRIBUTE % f'can(regex("^(a+)+$", "{"a" * 5000}b"))',
        "t.yaml": TEMPLATE.replace("false", "!Ref P")
        + f'Parameters:\n  P: {{Type: String, AllowedPattern: "^(a+)+$", Default: "{"a" * 50}b"}}\n',
    },
    "files-away": {
        "m.tf": ATTRIBUTE % 'file("/etc/passwd") == file("../../../../../../etc/passwd")',
        "t.yaml": TEMPLATE
        + "  N:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: ../../../../../etc/passwd}\n",
    },
    "wild-cards": {
        "m.tf": 'resource "aws_s3_bucket_policy" "p" {\n  bucket = "b"\n  policy = jsonencode({ Statement = [{ Effect = '
        f'"Allow", Principal = "*", Action = "s3:{"*a" * 400}", Resource = "{"*b" * 400}" }}] }})\n}}\n'
    },
    "open-conditions": {
        "m.tf": "".join(f'variable "v{number}" {{\n  type = bool\n}}\n' for number in range(60))
        + ATTRIBUTE % " || ".join(f"(var.v{number} && !var.v{(number * 7 + 1) % 60})" for number in range(60))
    },
    "shapes": {
        "t.yaml": 'AWSTemplateFormatVersion: "2010-09-09"\nParameters: [1]\nConditions: x\nMappings: 5\nOutputs: [a]\n'
        "Transform: {a: b}\nResources:\n  A: 1\n  B: []\n  C: {Type: 5}\n  D: {Type: AWS::EC2::Volume, Properties: []}\n"
        "  E: {Type: AWS::EC2::Volume, Properties: {Encrypted: {Fn::If: x}, KmsKeyId: {Fn::Sub: []}}}\n"
        "  F: {Type: AWS::EC2::Volume, Condition: [1], DependsOn: {a: 1}, Properties: {Encrypted: {Fn::Join: [1]}}}\n",
        "p.json": '{"format_version":"1.2","planned_values":{"root_module":{"resources":[1,null,"x",{"type":1},'
        '{"type":"aws_ebs_volume","name":[],"address":{},"values":7}]}},"configuration":[],"resource_changes":{"a":1}}',
        "empty.yaml": "",
        "empty.tf": "",
    },
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("hostile")
    files: dict[str, str | bytes] = {f"{name}/{file}": text for name, (file, text, _) in CASES.items()}
    files |= {f"{name}/{file}": text for name, texts in QUIET.items() for file, text in texts.items()}
    write(folder, {**files, "good/m.tf": VOLUME, "good/t.yaml": TEMPLATE})
    return scan(folder)


@pytest.mark.parametrize("name", CASES)
def test_a_diagnostic_names_the_limit(report: dict[str, Any], name: str) -> None:
    said = [each["message"] for each in report["diagnostics"] if (each["file"] or "").split("/")[0] == name]
    assert any(CASES[name][2] in message for message in said), said
    assert not any("hipaalint failed" in message or "crashed" in message for message in said)


def test_nothing_crashes(report: dict[str, Any]) -> None:
    messages = [each["message"] for each in report["diagnostics"]]
    assert [message for message in messages if "hipaalint failed" in message or "crashed" in message] == []


def test_the_neighbours_are_judged(report: dict[str, Any]) -> None:
    found = {result["file"] for result in report["results"] if result["check"] == "ebs-volume-encrypted"}
    assert {"good/m.tf", "good/t.yaml"} <= found
    assert report["summary"]["exit_code"] == 2
