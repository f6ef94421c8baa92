"""The commit and origin of a repository, from its files alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from hipaalint.report.revision import revision_of

COMMIT = "0123456789abcdef0123456789abcdef01234567"
CONFIG = '[core]\n\tbare = false\n[remote "origin"]\n\turl = {url}\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n'


def repository(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / ".git" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.mark.parametrize(
    "files",
    [
        {"HEAD": "ref: refs/heads/main\n", "refs/heads/main": f"{COMMIT}\n"},
        {"HEAD": "ref: refs/heads/main\n", "packed-refs": f"# pack-refs\n{COMMIT} refs/heads/main\n"},
    ],
)
def test_a_branch(tmp_path: Path, files: dict[str, str]) -> None:
    found = revision_of(repository(tmp_path, files))
    assert found is not None
    assert (found.commit, found.branch, found.origin) == (COMMIT, "main", "")


def test_a_commit_without_branch(tmp_path: Path) -> None:
    found = revision_of(repository(tmp_path, {"HEAD": f"{COMMIT}\n"}))
    assert found is not None
    assert (found.commit, found.branch) == (COMMIT, "")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://example.org/team/infra.git", "https://example.org/team/infra"),
        ("https://user:secret@example.org/team/infra", "https://example.org/team/infra"),
        ("git@example.org:team/infra.git", "https://example.org/team/infra"),
        ("ssh://git@example.org:2222/team/infra.git", "https://example.org/team/infra"),
        ("/srv/git/infra.git", ""),
        ("../infra", ""),
    ],
)
def test_the_origin_is_an_address_without_secrets(tmp_path: Path, url: str, origin: str) -> None:
    found = revision_of(repository(tmp_path, {"HEAD": COMMIT, "config": CONFIG.format(url=url)}))
    assert found is not None
    assert found.origin == origin


def test_a_worktree(tmp_path: Path) -> None:
    main = repository(
        tmp_path / "main",
        {
            "HEAD": "ref: refs/heads/main\n",
            "refs/heads/other": COMMIT,
            "worktrees/w/HEAD": "ref: refs/heads/other\n",
            "worktrees/w/commondir": "../..\n",
            "config": CONFIG.format(url="https://example.org/a/b"),
        },
    )
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / ".git").write_text(f"gitdir: {main}/.git/worktrees/w\n")
    found = revision_of(tmp_path / "w")
    assert found is not None
    assert (found.commit, found.branch, found.origin) == (COMMIT, "other", "https://example.org/a/b")


@pytest.mark.parametrize(
    "files",
    [{}, {"HEAD": ""}, {"HEAD": "ref: refs/heads/unborn\n"}, {"HEAD": "ref: ../../secret\n"}, {"HEAD": "nonsense"}],
)
def test_what_cannot_be_told_is_none(tmp_path: Path, files: dict[str, str]) -> None:
    assert revision_of(repository(tmp_path, files)) is None
