"""Reports as those read them for whom they are made: published forms, and a client of each that is at hand."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from hipaalint.cli import main

from .command import BAD_TEMPLATE, BAD_VOLUME, CHECK, DATE, GOOD_VOLUME, UNREADABLE, write_tree

DATA = Path(__file__).parents[1] / "data"
FIXTURES = Path(__file__).parents[2] / "fixtures"
CONDITIONAL = BAD_VOLUME.replace("false", 'var.env == "prod"') + 'variable "env" {\n  default = "prod"\n}\n'
SUPPRESSED = BAD_VOLUME.replace("false", f'false # hipaalint: ignore[{CHECK}] reason="a <scratch> & volume"')
UNKNOWN = BAD_VOLUME.replace("false", "var.e") + 'variable "e" { type = bool }\n'


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every format of a run that has all there can be in one: verdicts, errors, warnings, suppressions."""
    folder = tmp_path_factory.mktemp("run")
    files = {
        "bad": BAD_VOLUME,
        "good": GOOD_VOLUME,
        "when": CONDITIONAL,
        "quiet": SUPPRESSED,
        "who": UNKNOWN,
        "no": UNREADABLE,
    }
    write_tree(folder, {f"{name}/main.tf": text for name, text in files.items()})
    write_tree(folder, {"data.yaml": BAD_TEMPLATE + "# hipaalint: ignore\n"})
    targets = {"junit": "junit.xml", "gitlab": "gitlab.json", "sarif": "github.sarif"}
    options = [part for format, name in targets.items() for part in ("--format", format, "-o", str(folder / name))]
    common = ["scan", str(folder), "--select", CHECK, "--include", "pass,unknown,not_applicable", "--date", DATE]
    assert main([*common, *options]) == 2
    assert main([*common, "--format", "sarif", "--sarif-profile", "full", "-o", str(folder / "full.sarif")]) == 2
    return folder


def test_junit_has_the_published_form(reports: Path) -> None:
    etree = pytest.importorskip("lxml.etree")
    schema = etree.XMLSchema(etree.parse(str(DATA / "junit.xsd")))
    document = etree.parse(str(reports / "junit.xml"))
    schema.assertValid(document)
    assert document.xpath("count(//failure)") == 2
    assert document.xpath("count(//error)") >= 1
    assert document.xpath("count(//skipped)") == 3
    assert "this suppression is not understood" in document.xpath("string(//system-out)")
    wrong = etree.fromstring("<testsuites><testsuite name='x'/></testsuites>")
    assert not schema.validate(wrong)


def test_gitlab_has_the_published_form(reports: Path) -> None:
    schema = json.loads((DATA / "gitlab-code-quality.json").read_text(encoding="utf-8"))
    text = (reports / "gitlab.json").read_bytes()
    assert not text.startswith(b"\xef\xbb\xbf")
    issues = json.loads(text)
    jsonschema.validate(issues, schema)
    fingerprints = [issue["fingerprint"] for issue in issues]
    assert len(set(fingerprints)) == len(fingerprints)
    assert {issue["severity"] for issue in issues} == {"blocker", "critical", "minor", "info"}


@pytest.mark.parametrize("profile", ["github", "full"])
def test_sarif_tools_read_it(reports: Path, profile: str) -> None:
    pytest.importorskip("sarif")
    command = [sys.executable, "-W", "ignore", "-m", "sarif", "csv", "--output", str(reports / f"{profile}.csv")]
    result = subprocess.run([*command, str(reports / f"{profile}.sarif")], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    lines = (reports / f"{profile}.csv").read_text(encoding="utf-8").splitlines()
    assert sum(CHECK in line for line in lines) == (4 if profile == "github" else 6)
    assert any("bad/main.tf" in line and ",4" in line for line in lines)


def test_each_result_for_github_is_told_apart_and_narrow(tmp_path: Path) -> None:
    target = tmp_path / "found.sarif"
    main(["scan", str(FIXTURES), "--format", "sarif", "-o", str(target), "--include", "unknown", "--date", DATE])
    results = json.loads(target.read_text(encoding="utf-8"))["runs"][0]["results"]
    seen = set()
    single = 0
    for result in results:
        place = result["locations"][0]["physicalLocation"]
        region = place["region"]
        seen.add((result["ruleId"], place["artifactLocation"]["uri"], region["startLine"], result["message"]["text"]))
        single += region["startLine"] == region["endLine"]
    assert len(seen) == len(results) > 50
    assert single >= 0.8 * len(results)
