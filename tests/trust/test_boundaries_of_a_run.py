"""What a run touches: watched by an audit hook from its first import on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import hipaalint

from .bounded import TEMPLATE, VOLUME, run, write

PACKAGE = Path(hipaalint.__file__).parent
WATCHED = """\
import json, os, sys
events = []
def watch(event, arguments):
    if event in ("open", "os.listdir", "os.scandir"):
        events.append([event, os.fsdecode(arguments[0]) if isinstance(arguments[0], (str, bytes)) else None,
                       arguments[1] if event == "open" else None])
    elif event.startswith(("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn",
                           "os.remove", "os.rename", "os.mkdir", "os.rmdir", "shutil.", "urllib.", "ftplib.", "smtplib.",
                           "ctypes.", "webbrowser.")):
        events.append([event, os.fsdecode(arguments[0]) if arguments and isinstance(arguments[0], (str, bytes)) else None,
                       repr(arguments)])
sys.addaudithook(watch)
from hipaalint.cli import main
code = main(sys.argv[2:])
files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
text = json.dumps({"code": code, "events": events, "modules": files})
with open(sys.argv[1], "w") as file:
    file.write(text)
"""
Event = tuple[str, str | None, str | None]


def watched(folder: Path, *arguments: str) -> tuple[list[Event], list[str]]:
    """Events (name, path or program, more) and the files of all modules, of a run in a folder."""
    log = folder.parent / "events.json"
    done = subprocess.run(
        [sys.executable, "-P", "-c", WATCHED, str(log), *arguments],
        cwd=folder,
        env={**os.environ, "XDG_CACHE_HOME": str(folder.parent / "cache"), "HOME": str(folder.parent / "home")},
        capture_output=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr.decode()
    content = json.loads(log.read_text())
    assert content["code"] in (1, 2), done.stdout
    return [(event[0], event[1], event[2]) for event in content["events"]], [m for m in content["modules"] if m]


def repository(tmp_path: Path) -> Path:
    (tmp_path / "secret.txt").write_text("nobody's business")
    (tmp_path / "module").mkdir()
    (tmp_path / "module" / "m.tf").write_text(VOLUME)
    (tmp_path / "nested.yaml").write_text(TEMPLATE)
    nested = "  N:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: ../nested.yaml}\n"
    calls = "".join(
        f'module "m{number}" {{\n  source = "{source}"\n}}\n'
        for number, source in enumerate(["../module", "git::https://example.invalid/x.git", "hashicorp/x/aws", "/etc"])
    )
    trap = "raise SystemExit('executed')\n"
    reads = (
        'locals {\n  a = file("../secret.txt")\n  b = fileset("..", "**")\n  c = templatefile("/etc/passwd", {})\n}\n'
    )
    used = VOLUME.replace('"x"', '"y"').replace("false", "local.a == local.c || length(local.b) > 1")
    return write(
        tmp_path / "repository",
        {
            "m.tf": VOLUME
            + calls
            + reads
            + used
            + 'data "external" "e" {\n  program = ["sh", "-c", "touch /tmp/executed"]\n}\n',
            "t.yaml": TEMPLATE + nested,
            "yaml.py": trap,
            "networkx.py": trap,
            "sitecustomize.py": trap,
            "hipaalint/__init__.py": trap,
            "json/__init__.py": trap,
        },
    )


def outside(events: list[Event], folder: Path) -> list[Event]:
    """What was opened beyond the repository, the cache, the package and Python itself."""
    own = [folder, folder.parent / "cache", PACKAGE, Path(hipaalint.__path__[0]).parents[1], Path(sys.prefix)]
    own += [Path(sys.base_prefix), Path(os.devnull), Path(__file__).parents[2] / "checks", Path("/proc/self")]
    roots = [each.resolve() for each in own]
    return [
        event
        for event in events
        if event[0] in ("open", "os.listdir", "os.scandir")
        and event[1] is not None
        and not any(Path(os.path.join(folder, event[1])).resolve().is_relative_to(root) for root in roots)
    ]


def test_a_scan_stays_where_it_is(tmp_path: Path) -> None:
    folder = repository(tmp_path)
    before = sorted(path for path in folder.rglob("*"))
    for format in ("text", "sarif", "html"):
        # The second run finds the cache filled.
        events, modules = watched(folder, "scan", ".", "--format", format)
        assert not [event for event in events if event[0].startswith(("socket.", "urllib."))]
        assert not [
            event for event in events if event[0].startswith(("subprocess.", "os.system", "os.exec", "os.fork"))
        ]
        assert not [event for event in events if event[0].startswith(("os.posix_spawn", "os.spawn", "ctypes."))]
        assert outside(events, folder) == []
        assert not [file for file in modules if Path(file).resolve().is_relative_to(folder.resolve())]
    assert sorted(path for path in folder.rglob("*")) == before


def test_the_watch_would_notice(tmp_path: Path) -> None:
    folder = repository(tmp_path)
    events, _ = watched(folder, "scan", "..", "--format", "text")
    assert [event for event in outside(events, folder) if (event[1] or "").endswith("module/m.tf")]


def test_started_in_the_scanned_tree(tmp_path: Path) -> None:
    trap = "print('executed')\n"
    folder = write(
        tmp_path, {"m.tf": VOLUME, **{f"{name}.py": trap for name in ("yaml", "argparse", "json", "re", "zlib")}}
    )
    done = run("scan", ".", "--format", "json", cwd=folder)
    assert b"executed" not in done.stdout + done.stderr
    assert done.returncode == 1


def test_git_alone_is_started(tmp_path: Path) -> None:
    folder = write(tmp_path / "repository", {"m.tf": VOLUME})
    (folder / ".git").rmdir()
    git = ["git", "-c", "user.name=n", "-c", "user.email=e@example.invalid", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "m"]):
        subprocess.run([*git, *command], cwd=folder, check=True, capture_output=True)
    (folder / "n.tf").write_text(VOLUME.replace('"x"', '"y"'))
    events, _ = watched(folder, "scan", ".", "--since", "HEAD")
    started = [event for event in events if event[0] == "subprocess.Popen"]
    assert started
    assert {Path(event[1] or "").name for event in started} == {"git"}
    assert not [event for event in events if event[0].startswith(("socket.", "os.system", "os.exec"))]
