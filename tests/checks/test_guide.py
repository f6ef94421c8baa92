"""The check files that the guide for authors shows are complete, and their examples do what they say."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from hipaalint.policy.catalogue import builtin_folder, load_catalogue
from hipaalint.policy.examples import cases, differences

GUIDE = Path(__file__).parents[2] / "docs" / "writing-checks.md"
FILES = [
    text
    for text in re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    if "\nexamples:" in text
]
OURS = set(load_catalogue().checks)


def test_there_are_rules_of_a_house() -> None:
    assert len(FILES) >= 5


@pytest.mark.parametrize("text", FILES, ids=lambda text: text.split()[1])
def test_a_shown_check_does_what_it_says(text: str, tmp_path: Path) -> None:
    id = text.split()[1]
    folder = tmp_path / "checks" / id.split("-")[0]
    folder.mkdir(parents=True)
    (folder / f"{id}.yaml").write_text(text, encoding="utf-8")
    folders = [tmp_path / "checks"] if id in OURS else [builtin_folder(), tmp_path / "checks"]
    if id in OURS:  # shown as it is, so its controls come from our lists
        shutil.copytree(builtin_folder() / "controls", tmp_path / "checks" / "controls")
    catalogue = load_catalogue(folders)
    assert [str(each) for each in catalogue.diagnostics] == []
    found = list(cases(catalogue.checks[id]))
    assert found
    assert [difference for case in found for difference in differences(case)] == []
