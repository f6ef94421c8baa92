"""What is made ready once is used again while nothing changed, and made anew whenever there is any doubt."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hipaalint.policy.catalogue import load_catalogue, prepared_catalogue
from hipaalint.policy.check import data_of
from hipaalint.prepared import prepared, yaml_files


class Maker:
    """Counts how often it is asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.calls = 0

    def get(self) -> object:
        def make() -> dict[str, str]:
            self.calls += 1
            return {path.name: path.read_text() for path in yaml_files(self.folder)}

        return prepared("test", self.folder, make)


@pytest.fixture
def maker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Maker:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.yaml").write_text("a: 1\n")
    return Maker(folder)


def kept(tmp_path: Path) -> Path:
    (found,) = (tmp_path / "cache" / "hipaalint").iterdir()
    return found


def test_it_is_made_once(maker: Maker) -> None:
    assert maker.get() == maker.get() == {"a.yaml": "a: 1\n"}
    assert maker.calls == 1


@pytest.mark.parametrize("change", ["content", "time", "new file", "file gone"])
def test_a_change_of_the_folder_is_seen(maker: Maker, change: str) -> None:
    maker.get()
    file = maker.folder / "a.yaml"
    if change == "content":
        file.write_text("a: 22\n")
    elif change == "time":
        os.utime(file, (1, 1))
    elif change == "new file":
        (maker.folder / "b.yaml").write_text("")
    else:
        file.unlink()
    assert maker.get() == {path.name: path.read_text() for path in yaml_files(maker.folder)}
    assert maker.calls == 2


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"key": "other", "data": 1}', b"\xff"])
def test_what_is_not_right_is_made_anew(maker: Maker, tmp_path: Path, content: bytes) -> None:
    maker.get()
    kept(tmp_path).write_bytes(content)
    assert maker.get() == {"a.yaml": "a: 1\n"}
    assert maker.calls == 2


def test_without_a_place_for_it_everything_works(maker: Maker, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    assert maker.get() == {"a.yaml": "a: 1\n"}
    assert maker.get() == {"a.yaml": "a: 1\n"}
    assert maker.calls == 2


def test_the_short_catalogue_says_what_the_files_say() -> None:
    short, whole = prepared_catalogue(), load_catalogue()
    assert [data_of(check) for check in short.checks.values()] == [data_of(check) for check in whole.checks.values()]
    assert short.controls.keys() == whole.controls.keys()
    assert short.aliases == whole.aliases


def test_errors_in_a_folder_keep_their_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "checks" / "sqs"
    folder.mkdir(parents=True)
    (folder / "sqs-broken.yaml").write_text("id: sqs-broken\ntitel: x\n")
    for _ in range(2):
        found = prepared_catalogue([folder.parent])
        assert {(each.path, each.line) for each in found.diagnostics} >= {("checks/sqs/sqs-broken.yaml", 2)}
