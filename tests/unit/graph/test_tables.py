"""Every type and property that the tables of placements and flows name is one that the schemas know."""

from __future__ import annotations

import pytest

from hipaalint.graph.flows import Flow, flows
from hipaalint.graph.placements import Row, rows
from hipaalint.graph.relations import relations
from hipaalint.model.provider_schema import provider_schema
from hipaalint.model.registry import registry

_SUBNET_GROUPS_HAVE = ("SubnetIds",)
# Types of provider 6.62 that have no lifting row, so that the index of its schemas leaves them out; names as it has them.
_NOT_INDEXED = {
    "aws_sqs_queue_redrive_policy": {"queue_url", "redrive_policy"},
    "aws_pipes_pipe": {"source", "target"},
    "aws_cloudwatch_log_subscription_filter": {"log_group_name", "destination_arn"},
    "aws_dms_replication_task": {"source_endpoint_arn", "target_endpoint_arn"},
}


def known(type: str, path: tuple[str, ...]) -> bool:
    """Whether a type has a property; what lies in a policy or another JSON text is free."""
    if type in _NOT_INDEXED:
        return path[0] in _NOT_INDEXED[type]
    if type.startswith("aws_"):
        schema = provider_schema().type(type)
        assert schema is not None, type
        return schema.argument(path) is not None
    registered = registry().type(type)
    assert registered is not None, type
    for length in range(1, len(path) + 1):
        found = registered.property(path[:length])
        if found is None:
            return False
        if found.kind == "json":
            return True
    return True


def exists(type: str) -> bool:
    return type in _NOT_INDEXED or registry().type(type) is not None or provider_schema().type(type) is not None


@pytest.mark.parametrize("flow", flows(), ids=lambda flow: f"{flow.type} {flow.name}")
def test_flows_name_what_there_is(flow: Flow) -> None:
    assert exists(flow.type)
    assert [path for path in (*flow.out_of, *flow.into, *flow.reads) if not known(flow.type, path)] == []
    assert [type for type in (*flow.sources, *flow.sinks) if not exists(type)] == []
    assert [name for name in flow.when if not known(flow.type, (name,))] == []
    assert flow.out_of or flow.reads or flow.into


def test_two_flows_of_a_type_have_two_names() -> None:
    names = [(flow.type, flow.name) for flow in flows()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("row", rows().values(), ids=lambda row: row.type)
def test_placements_name_what_there_is(row: Row) -> None:
    paths = [*row.subnets.by, *row.groups.by, *row.target_groups.by, *row.load_balancers.by]
    paths += [path for path in (row.public, row.port) if path is not None]
    assert [path for path in paths if not known(row.type, path)] == []
    assert row.outside in ("default", "private", "public")
    for group in row.subnets.targets:
        assert group == "AWS::EC2::Subnet" or known(group, _SUBNET_GROUPS_HAVE)


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(ValueError, match="takes"):
        Row("AWS::EC2::Instance", {"subnets": "SubnetId", "group": "SecurityGroupIds"})
    with pytest.raises(ValueError, match="takes"):
        Flow("AWS::S3::Bucket", "copies", {"into": "Bucket"})


def test_balancers_hand_on_to_what_relations_say() -> None:
    assert {"target_group", "forwards_to", "instance"} <= set(relations().forward["aws_lb_target_group_attachment"])
