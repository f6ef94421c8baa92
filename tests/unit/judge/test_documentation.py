"""docs/configuration.md shows every key, and what it shows is accepted."""

from __future__ import annotations

import json
import re
from pathlib import Path

from hipaalint.judge.configuration import DEPLOYMENT_KEYS, KEYS, read_configuration
from hipaalint.report import FORMATS, render
from tests.unit.report.builders import TRAIL, UNREADABLE, make_finding, make_report

TEXT = (Path(__file__).parents[3] / "docs" / "configuration.md").read_text(encoding="utf-8")


def test_the_example_is_accepted_and_shows_every_key(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    (tmp_path / "hipaalint.base.yaml").touch()
    path = tmp_path / "hipaalint.yaml"
    path.write_text(example, encoding="utf-8")
    found = read_configuration(path, "hipaalint.yaml")
    assert set(found.ranges) == set(KEYS)
    assert all(f"{key}:" in example for key in DEPLOYMENT_KEYS)


def test_every_format_and_every_key_of_the_report_is_described() -> None:
    assert set(re.findall(r"^\| `([\w-]+)` \|", TEXT, re.MULTILINE)) == set(FORMATS)
    report = json.loads(render(make_report(make_finding(related=TRAIL), diagnostics=(UNREADABLE,)), "json"))
    keys = {*report, *report["tool"], *report["summary"], *report["results"][0], *report["diagnostics"][0]}
    assert {key for key in keys if f"`{key}`" not in TEXT} == set()
