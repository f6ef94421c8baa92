"""Small configurations drawn by hypothesis, as data that can be written as `.tf`, as `.tf.json` and as a plan.

What a plan says is made from the same data by the rules of Terraform's own plans, not by the code under test.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

import hipaalint
from hipaalint.judge.configuration import Configuration as RunConfiguration


class Ref:
    """A reference: `aws_kms_key.main.arn`, `var.encrypt`, `local.key`."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return f"Ref({self.text!r})"


class Choice:
    """`condition ? then : otherwise`, where the condition is a reference, or compares one with a text."""

    def __init__(self, condition: str, then: Any, otherwise: Any) -> None:
        self.condition = condition
        self.then = then
        self.otherwise = otherwise

    def __repr__(self) -> str:
        return f"Choice({self.condition!r}, {self.then!r}, {self.otherwise!r})"


KEY = Ref("aws_kms_key.main.arn")
LOCAL_KEY = Ref("local.key")  # the same, through a local value

# type → argument → what it may be; None: not written. A list of dicts: nested blocks.
ARGUMENTS: dict[str, dict[str, list[Any]]] = {
    "aws_ebs_volume": {
        "availability_zone": ["eu-central-1a"],
        "size": [10],
        "encrypted": [None, True, False],
        "kms_key_id": [None, KEY, LOCAL_KEY],
    },
    "aws_db_instance": {
        "identifier": ["records"],
        "engine": ["postgres"],
        "instance_class": ["db.m6g.large"],
        "storage_encrypted": [None, True, False],
        "publicly_accessible": [None, True, False],
        "backup_retention_period": [None, 0, 1, 35],
        "multi_az": [None, True, False],
        "kms_key_id": [None, KEY, LOCAL_KEY],
    },
    "aws_sqs_queue": {
        "name": ["orders"],
        "sqs_managed_sse_enabled": [None, True, False],
        "kms_master_key_id": [None, KEY],
    },
    "aws_sns_topic": {"name": ["news"], "kms_master_key_id": [None, KEY, LOCAL_KEY]},
    "aws_efs_file_system": {"encrypted": [None, True, False], "kms_key_id": [None, KEY]},
    "aws_cloudwatch_log_group": {
        "name": ["log"],
        "retention_in_days": [None, 1, 3653],
        "kms_key_id": [None, KEY, LOCAL_KEY],
    },
    "aws_s3_bucket": {"bucket": [None, "records"]},
    "aws_security_group": {
        "name": ["web"],
        "vpc_id": ["vpc-1"],
        "ingress": [
            [{"from_port": 22, "to_port": 22, "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"]}],
            [{"from_port": 443, "to_port": 443, "protocol": "tcp", "cidr_blocks": ["10.0.0.0/8"]}],
        ],
    },
}
# side-cars of a bucket; `bucket` refers to it
SIDE_CARS: dict[str, dict[str, list[Any]]] = {
    "aws_s3_bucket_versioning": {"versioning_configuration": [[{"status": "Enabled"}], [{"status": "Suspended"}]]},
    "aws_s3_bucket_public_access_block": {
        "block_public_acls": [None, True, False],
        "block_public_policy": [True],
        "ignore_public_acls": [None, True],
        "restrict_public_buckets": [True, False],
    },
}
# Arguments that the provider fills in itself where nobody writes them: "known after apply" in a plan.
COMPUTED = frozenset(
    {
        "kms_key_id",
        "kms_master_key_id",
        "bucket",
        "multi_az",
        "storage_encrypted",
        "encrypted",
        "sqs_managed_sse_enabled",
    }
)

Block = tuple[str, str, dict[str, Any]]  # type, name, arguments


class Configuration:
    """variables: name → default, MISSING for none; domains: name → all values. locals: name → value."""

    def __init__(self, blocks: list[Block], variables: dict[str, Any], domains: dict[str, list[Any]]) -> None:
        self.blocks = blocks
        self.variables = variables
        self.domains = domains
        self.locals = {"key": KEY}

    def __repr__(self) -> str:
        return f"Configuration({self.blocks!r}, {self.variables!r}, {self.domains!r})"


MISSING = object()
VARIABLES: dict[str, list[Any]] = {"on": [True, False], "stage": ["dev", "prod"]}


@st.composite
def configurations(draw: st.DrawFn, variables: bool = True) -> Configuration:
    """A key, up to four resources and the side-cars of their buckets; arguments may depend on up to two variables."""
    defaults: dict[str, Any] = {}
    if variables:
        for name, domain in VARIABLES.items():
            defaults[name] = draw(st.sampled_from([MISSING, *domain]))
    blocks: list[Block] = [("aws_kms_key", "main", {"enable_key_rotation": draw(st.sampled_from([True, False]))})]
    for index in range(draw(st.integers(1, 4))):
        type = draw(st.sampled_from(sorted(ARGUMENTS)))
        name = f"r{index}"
        count = draw(st.sampled_from([None, None, 0, 1, 2]))
        if count is not None and type != "aws_s3_bucket":
            blocks.append(
                (type, name, {"count": count, **{k: draw(_values(v, defaults)) for k, v in ARGUMENTS[type].items()}})
            )
            continue
        blocks.append((type, name, {k: draw(_values(v, defaults)) for k, v in ARGUMENTS[type].items()}))
        if type == "aws_s3_bucket":
            for side_car, arguments in SIDE_CARS.items():
                if draw(st.booleans()):
                    written = {k: draw(_values(v, defaults)) for k, v in arguments.items()}
                    blocks.append((side_car, name, {"bucket": Ref(f"aws_s3_bucket.{name}.id"), **written}))
    return Configuration(blocks, defaults, {name: VARIABLES[name] for name in defaults})


def _values(choices: list[Any], variables: dict[str, Any]) -> st.SearchStrategy[Any]:
    plain = st.sampled_from(choices)
    booleans = [choice for choice in choices if isinstance(choice, bool)]
    if not variables or len(booleans) < 2:
        return plain
    conditions = st.sampled_from(["var.on", 'var.stage == "prod"'])
    return st.one_of(plain, st.just(Ref("var.on")), st.builds(Choice, conditions, plain, plain))


# -- writing ---------------------------------------------------------------------------------------------------------


def _hcl(value: Any) -> str:
    if isinstance(value, Ref):
        return value.text
    if isinstance(value, Choice):
        return f"{value.condition} ? {_hcl(value.then)} : {_hcl(value.otherwise)}"
    return json.dumps(value)


def _is_blocks(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def hcl_block(block: Block) -> str:
    type, name, arguments = block
    lines = [f'resource "{type}" "{name}" {{']
    for key, value in arguments.items():
        if _is_blocks(value):
            for each in value:
                lines += [f"  {key} {{", *(f"    {k} = {_hcl(v)}" for k, v in each.items()), "  }"]
        elif value is not None:
            lines.append(f"  {key} = {_hcl(value)}")
    return "\n".join([*lines, "}"]) + "\n"


def hcl_blocks(configuration: Configuration) -> list[str]:
    """The top-level blocks, each as a text."""
    texts = [f"locals {{\n  {name} = {_hcl(value)}\n}}\n" for name, value in configuration.locals.items()]
    for name, default in configuration.variables.items():
        domain = configuration.domains[name]
        kind = "bool" if isinstance(domain[0], bool) else "string"
        lines = [f'variable "{name}" {{', f"  type = {kind}"]
        if default is not MISSING:
            lines.append(f"  default = {_hcl(default)}")
        condition = f"contains({json.dumps(domain)}, var.{name})"
        lines += ["  validation {", f"    condition = {condition}", '    error_message = "no"', "  }", "}"]
        texts.append("\n".join(lines) + "\n")
    return texts + [hcl_block(block) for block in configuration.blocks]


def _json_value(value: Any) -> Any:
    if isinstance(value, (Ref, Choice)):
        return f"${{{_hcl(value)}}}"
    if isinstance(value, list):
        return [_json_value(each) for each in value]
    if isinstance(value, dict):
        return {k: _json_value(v) for k, v in value.items()}
    return value


def json_document(configuration: Configuration) -> dict[str, Any]:
    """The same as one `.tf.json` document."""
    resources: dict[str, dict[str, Any]] = {}
    for type, name, arguments in configuration.blocks:
        resources.setdefault(type, {})[name] = {k: _json_value(v) for k, v in arguments.items() if v is not None}
    variables: dict[str, Any] = {}
    for name, default in configuration.variables.items():
        domain = configuration.domains[name]
        condition = f"${{contains({json.dumps(domain)}, var.{name})}}"
        variables[name] = {
            "type": "bool" if isinstance(domain[0], bool) else "string",
            "validation": {"condition": condition, "error_message": "no"},
            **({} if default is MISSING else {"default": default}),
        }
    locals = {name: _json_value(value) for name, value in configuration.locals.items()}
    return {"variable": variables, "locals": locals, "resource": resources}


def plan_document(configuration: Configuration) -> dict[str, Any]:
    """The plan of a configuration without variables: what nobody writes is null, or known after apply."""
    planned: list[Any] = []
    changes: list[Any] = []
    written: list[Any] = []
    for type, name, arguments in configuration.blocks:
        values: dict[str, Any] = {}
        unknown: dict[str, Any] = {"id": True, "arn": True}
        expressions: dict[str, Any] = {}
        for key, value in arguments.items():
            if key == "count":
                continue
            if isinstance(value, Ref):
                unknown[key] = True
                expressions[key] = {"references": list(_prefixes(value.text))}
            elif value is None and key in COMPUTED:
                unknown[key] = True
            else:
                values[key] = value
                if _is_blocks(value):
                    expressions[key] = [{k: {"constant_value": v} for k, v in each.items()} for each in value]
                elif value is not None:
                    expressions[key] = {"constant_value": value}
        block: dict[str, Any] = {"mode": "managed", "type": type, "name": name}
        count = arguments.get("count")
        for index in [None] if count is None else range(count):
            indexed: dict[str, Any] = {} if index is None else {"index": index}
            place = f"{type}.{name}" if index is None else f"{type}.{name}[{index}]"
            shape = {"address": place, **block, **indexed}
            planned.append({**shape, "values": values, "sensitive_values": {}})
            changes.append({**shape, "change": {"actions": ["create"], "after": values, "after_unknown": unknown}})
        counted = {} if count is None else {"count_expression": {"constant_value": count}}
        address = f"{type}.{name}"
        written.append(
            {"address": address, **block, "provider_config_key": "aws", "expressions": expressions, **counted}
        )
    return {
        "format_version": "1.2",
        "terraform_version": "1.12.0",
        "planned_values": {"root_module": {"resources": planned}},
        "resource_changes": changes,
        "configuration": {
            "provider_config": {"aws": {"name": "aws", "full_name": "registry.terraform.io/hashicorp/aws"}},
            "root_module": {"resources": written},
        },
    }


def _prefixes(reference: str) -> Iterator[str]:
    """A plan lists a reference and behind it the object that it is taken from."""
    yield reference
    parts = reference.split(".")
    if parts[0] not in ("local", "var"):
        yield ".".join(parts[:2])


# -- judging ---------------------------------------------------------------------------------------------------------

Verdicts = dict[tuple[str, str], tuple[str, bool]]  # (check, address) → verdict, whether it is conditional


def verdicts(folder: Path, files: dict[str, str], target: str = ".", assume_nothing: bool = False) -> Verdicts:
    """What every check says about every resource of a repository with these files."""
    (folder / ".git").mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    wanted = RunConfiguration()
    wanted.profile = "all"
    wanted.assume_nothing = assume_nothing
    report = hipaalint.scan(folder / target, wanted)
    errors = [each for each in report.diagnostics if each.severity == "error"]
    assert not errors, errors
    found: Verdicts = {}
    for finding in report.findings:
        key = (finding.check.id, finding.address)
        assert key not in found
        found[key] = (finding.verdict, finding.when is not None)
    assert found
    return found
