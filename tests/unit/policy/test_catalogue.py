"""Reading check files: what they become, and that every mistake is named with its place and its repair."""

from __future__ import annotations

from pathlib import Path

import pytest

from hipaalint.policy.catalogue import Catalogue, load_catalogue
from hipaalint.policy.check import Parameter
from hipaalint.policy.examples import cases, compare, differences
from hipaalint.policy.paths import unknown_names

CHECK = """\
id: sqs-test
title: Queues are fine
severity: medium
controls:
  - id: own:1
    because: It matters.
risk: Harm.
resource: AWS::SQS::Queue
condition: |-
  QueueName != null
message: |-
  ${resource} is not fine
remediation: Repair it.
examples:
  pass:
    - terraform: |
        resource "aws_sqs_queue" "q" {
          name = "q"
        }
  fail:
    - terraform: |
        resource "aws_sqs_queue" "q" { # <-
        }
"""
CONTROLS = "framework: own\ncontrols:\n  - id: '1'\n    title: Being fine\n"


def load(folder: Path, **files: str) -> Catalogue:
    checks = folder / "policies"
    (checks / "controls").mkdir(parents=True, exist_ok=True)
    (checks / "controls" / "own.yaml").write_text(CONTROLS, encoding="utf-8")
    (checks / "sqs").mkdir(exist_ok=True)
    for name, text in files.items():
        (checks / "sqs" / f"{name.replace('_', '-')}.yaml").write_text(text, encoding="utf-8")
    return load_catalogue([checks])


def test_a_check_is_read(tmp_path: Path) -> None:
    catalogue = load(tmp_path, sqs_test=CHECK)
    assert catalogue.diagnostics == []
    check = catalogue.checks["sqs-test"]
    assert (check.service, check.severity, check.resources) == ("sqs", "medium", ("AWS::SQS::Queue",))
    assert (check.condition, check.filter) == ("QueueName != null", None)
    assert [(link.id, link.because) for link in check.controls] == [("own:1", "It matters.")]
    assert catalogue.controls["own:1"].title == "Being fine"
    assert [case.name for case in cases(check)] == ["pass 1 (terraform)", "fail 1 (terraform)"]
    assert [differences(case) for case in cases(check)] == [[], []]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("title: Queues are fine", "titel: Queues are fine", '1:1 "title" is missing; add it'),
        ("severity: medium", "severity: bad", '3:11 "severity" must be one of low, medium, high, critical'),
        ("id: sqs-test", "id: SQS", "1:5 an id is two or more words in small letters"),
        ("id: sqs-test", "id: sqs-other", '1:5 the id is "sqs-other" but the file is named "sqs-test.yaml"'),
        ("  - id: own:1", "  - id: own:2", '5:5 no list of controls has "own:2"'),
        ("    because: It matters.\n", "", '5:5 "because" is missing; add it'),
        ("controls:\n", "controls: []\nreferences:\n", "must hold texts"),
        ("condition: |-\n  QueueName != null", "condition: QueueName != null", '"condition" must be a block: write'),
        ("condition: |-\n", "condition: |\n", '"condition" must be a block: write `condition: |-`'),
        ("message: |-\n", "message: >-\n", '11:10 "message" must be a block: write `message: |-`'),
        ("condition: |-\n  QueueName != null\n", "", '"condition" is missing; add it'),
        ("resource: AWS::SQS::Queue", "resource: AWS::SQS::Queue\nmissing: x", "name either `resource`"),
        ("resource: AWS::SQS::Queue", "missing: AWS::SQS::Queue", "a `missing` check has no condition"),
        ("risk: Harm.", "risk: [Harm]", '"risk" must be a text'),
        ("risk: Harm.", "risk: Harm.\nonly: {pulumi: why}", "`only` says for one language"),
        ("risk: Harm.", "risk: Harm.\nparameters: {n: {type: number, default: x}}", 'the default of "n" is no number'),
        ("risk: Harm.", "risk: Harm.\nparameters: {n: {type: text, default: x}}", '"type" must be one of number'),
        ("  pass:", "  passes:", 'there is no key "passes"; did you mean "pass"?'),
        (
            "    - terraform: |\n        resource",
            "    - terraform: []\n      about: |\n        resource",
            "an example is a text",
        ),
        (
            "    - terraform: |\n        resource",
            "    - about: |\n        resource",
            "an example needs a text in terraform",
        ),
        (
            "{ # <-\n        }\n",
            "{ # <-\n        }\n      parameters: {n: 1}\n",
            'the check has no parameter "n"',
        ),
        ("id: sqs-test", "id: sqs-test\nid: sqs-test", "the key 'id' is here twice"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in CHECK
    catalogue = load(tmp_path, sqs_test=CHECK.replace(old, new, 1))
    assert "sqs-test" not in catalogue.checks
    texts = [f"{d.line}:{d.column} {d.message}" for d in catalogue.diagnostics]
    assert any(message in text for text in texts), texts
    assert all(d.path == "policies/sqs/sqs-test.yaml" and d.severity == "error" for d in catalogue.diagnostics)


def test_names_are_taken_once(tmp_path: Path) -> None:
    other = CHECK.replace("id: sqs-test", "id: sqs-zother\naliases: [sqs-old, sqs-test]")
    catalogue = load(
        tmp_path, sqs_test=CHECK.replace("id: sqs-test", "id: sqs-test\naliases: [sqs-old]"), sqs_zother=other
    )
    assert list(catalogue.checks) == ["sqs-test"]
    assert [d.message for d in catalogue.diagnostics] == [
        '"sqs-old" is taken by policies/sqs/sqs-test.yaml; choose another name',
        '"sqs-test" is taken by policies/sqs/sqs-test.yaml; choose another name',
    ]
    assert catalogue.find("sqs-old") is catalogue.checks["sqs-test"]
    assert catalogue.find("sqs-none") is None


def test_one_broken_file_loses_no_other(tmp_path: Path) -> None:
    catalogue = load(tmp_path, sqs_test=CHECK, sqs_broken="id: [\n")
    assert list(catalogue.checks) == ["sqs-test"]
    assert [(d.severity, d.path) for d in catalogue.diagnostics] == [("error", "policies/sqs/sqs-broken.yaml")]


def test_also_shares_all_but_the_question(tmp_path: Path) -> None:
    also = "also:\n  - resource: AWS::SNS::Topic\n    condition: |-\n      TopicName != null\nmessage: |-"
    check = load(tmp_path, sqs_test=CHECK.replace("message: |-", also)).checks["sqs-test"]
    assert check.types == ("AWS::SQS::Queue", "AWS::SNS::Topic")
    [part] = check.also
    assert (part.whole, part.condition, part.message) == (check, "TopicName != null", check.message)


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("QueueNames != null", 'AWS::SQS::Queue has no property or relation "QueueNames"; did you mean QueueName?'),
        ("Metadata.anything.at.all == RedrivePolicy.maxReceiveCount", None),
        ("Tags[0].Kay == null", 'Tags has no property or relation "Kay"; did you mean Key?'),
        (
            "alltrue([for tag in Tags : tag.Valu != null])",
            'Tags has no property or relation "Valu"; did you mean Value?',
        ),
        ("alltrue(Tags[*].Key == 1)", None),
        ("is_open_cidrs(QueueName)", 'there is no function "is_open_cidrs"; did you mean is_open_cidr?'),
        ("param.days == 1", 'the check declares no parameter "days"'),
        ("self.QueueName == resource && type != DeletionPolicy", None),
        ("(QueueName == null ? Tags : Tags)[0].Kee == 1", "has no property or relation"),
    ],
)
def test_names_in_conditions(tmp_path: Path, condition: str, message: str | None) -> None:
    check = load(tmp_path, sqs_test=CHECK.replace("QueueName != null", condition)).checks["sqs-test"]
    found = unknown_names(check)
    if message is None:
        assert found == []
    else:
        assert [message in d.message for d in found] == [True], found
        assert (found[0].path, found[0].line) == ("policies/sqs/sqs-test.yaml", 10)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"q" { # <-', '"q" {', "main.tf:1 (aws_sqs_queue.q): fail is reported here, where no # <- is"),
        ("        }\n", "        } # <-\n", "main.tf:2: marked, but nothing is reported here"),
        ("QueueName != null", "QueueName == null", "main.tf:2 (aws_sqs_queue.q): fail, not pass"),
        ('"aws_sqs_queue" "q" { # <-', '"aws_sns_topic" "q" { # <-', "the check was about no resource"),
        ('"q" { # <-\n        }', '"q" { # <-\n        ', "main.tf:"),
        ("  fail:\n    - ", "  fail:\n    - when: fails when x\n      ", "`when` is None, not 'fails when x'"),
    ],
)
def test_what_examples_complain_about(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = CHECK[: CHECK.rindex(old)] + CHECK[CHECK.rindex(old) :].replace(old, new)
    check = load(tmp_path, sqs_test=text).checks["sqs-test"]
    wrong = [line for case in cases(check) for line in differences(case)]
    assert any(message in line for line in wrong), wrong


def test_a_pass_needs_somebody_who_passes(tmp_path: Path) -> None:
    check = load(tmp_path, sqs_test=CHECK).checks["sqs-test"]
    case = next(cases(check))
    assert compare(case, []) == ["no resource gets the verdict pass"]


def test_parameters_accept_their_type() -> None:
    assert Parameter("n", "number", 1).accepts(2)
    assert not Parameter("n", "number", 1).accepts(True)
    assert not Parameter("n", "number", 1).accepts("2")
    assert Parameter("n", "list", []).accepts(["a"])
    assert not Parameter("n", "list", []).accepts(["a", 1])
    assert Parameter("n", "bool", False).accepts(True)
    assert Parameter("n", "string", "").accepts("x")
