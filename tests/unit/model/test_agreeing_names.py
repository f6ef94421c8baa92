"""A rename inside a block leaves alone what stands beside it: its parents' own renames go without saying."""

from __future__ import annotations

from hipaalint.model.tables import Row


def sources(row: Row, *path: str) -> list[tuple[str, ...]]:
    shape = row.shape
    for step in path[:-1]:
        shape = shape.members[step].shape
    return shape.members[path[-1]].sources


def test_parents_whose_names_agree() -> None:
    row = Row("aws_x", {"type": "AWS::X::Y", "rename": {"broker_info.az.kind": "BrokerInfo.Az.Sort"}})
    assert sources(row, "BrokerInfo") == [("broker_info",)]
    assert sources(row, "BrokerInfo", "Az") == [("az",)]
    assert sources(row, "BrokerInfo", "Az", "Sort") == [("kind",)]


def test_what_is_assembled_stays_so() -> None:
    row = Row("aws_x", {"type": "AWS::X::Y", "rename": {"info.kind": "Info.Sort", "region": "Info.Region"}})
    assert sources(row, "Info") == []
    assert sources(row, "Info", "Sort") == [("info", "kind")]
    row = Row("aws_x", {"type": "AWS::X::Y", "rename": {"logging": "Logging.Enabled"}})
    assert sources(row, "Logging") == []
    row = Row("aws_x", {"type": "AWS::X::Y", "rename": {"info.kind": "Info.Sort"}, "constant": {"Info.On": True}})
    assert sources(row, "Info") == []


def test_a_parents_own_rename_stays() -> None:
    row = Row("aws_x", {"type": "AWS::X::Y", "rename": {"infos": "Info", "infos.kind": "Info.Sort"}})
    assert sources(row, "Info") == [("infos",)]
    assert sources(row, "Info", "Sort") == [("kind",)]
