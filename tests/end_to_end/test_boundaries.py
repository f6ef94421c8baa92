"""What happens when hipaalint itself fails at something: a diagnostic, and everything else is judged."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import pytest

import hipaalint
from hipaalint import pipeline
from hipaalint.graph.graph import build_graph
from hipaalint.load.terraform import load_module_root
from hipaalint.report import FORMATS, render
from hipaalint.report.report import Report

from .command import BAD_TEMPLATE, BAD_VOLUME, write_tree


def scanned(folder: Path) -> Report:
    write_tree(folder, {"bad/main.tf": BAD_VOLUME, "good/main.tf": BAD_VOLUME, "data.yaml": BAD_TEMPLATE})
    report = hipaalint.scan([folder], {"select": ["ebs-volume-encrypted"]})
    assert isinstance(report, Report)
    return report


def fails_for_bad(real: Any, path_of: Any) -> Any:
    def wrapper(first: Any, *rest: Any) -> Any:
        if path_of(first).endswith("bad"):
            raise KeyError("an oversight")
        return real(first, *rest)

    return wrapper


def assert_only_bad_is_lost(report: Report, doing: str) -> None:
    assert report.exit_code == 2
    (diagnostic,) = report.diagnostics
    assert (diagnostic.severity, diagnostic.path) == ("error", "bad")
    assert diagnostic.message.startswith(
        f"hipaalint failed at {doing} this (KeyError: 'an oversight'); it was not judged"
    )
    assert [finding.root.path for finding in report.shown] == ["data.yaml", "good"]
    for format in FORMATS:
        assert "an oversight" in render(report, format)


def test_a_root_that_cannot_be_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "load_module_root", fails_for_bad(load_module_root, str))
    assert_only_bad_is_lost(scanned(tmp_path), "reading")


def test_a_root_that_cannot_be_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "build_graph", fails_for_bad(build_graph, lambda roots: roots[0].path))
    assert_only_bad_is_lost(scanned(tmp_path), "understanding")


@pytest.mark.parametrize("on", [True, False])
def test_the_collector_is_left_as_it_was(tmp_path: Path, on: bool) -> None:
    was_on = gc.isenabled()
    try:
        (gc.enable if on else gc.disable)()
        scanned(tmp_path)
        assert gc.isenabled() is on
        assert gc.get_freeze_count() == 0
    finally:
        (gc.enable if was_on else gc.disable)()
