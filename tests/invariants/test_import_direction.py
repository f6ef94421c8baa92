"""Imports point one way: a module may import from its own layer and from those below it, lazily or not.

Read from the syntax tree, so that an import inside a function or under TYPE_CHECKING counts too.
"""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "hipaalint"

# Lowest first. `checks` is the data that the project ships; `evaluation` is hipaalint.evaluate (text in, plain data
# out); `pipeline` is the one function that shows the way from paths to a report; `hipaalint` is the package's own
# __init__, which exposes both.
LAYERS = (
    "checks",
    "prepared",
    "source",
    "expression",
    "syntax",
    "evaluation",
    "resource",
    "load",
    "model",
    "graph",
    "policy",
    "judge",
    "report",
    "pipeline",
    "hipaalint",
    "cli",
    "__main__",
)
# What every layer may take from the package's own __init__: it is there without importing anything.
FREE_NAMES = {"__version__"}
# The one third-party module that nearly every run needs; the others are imported in the functions that use them.
EAGER = {"yaml"}
# The distributions of pyproject.toml whose module has another name.
MODULE_OF = {"pyyaml": "yaml", "cfn-lint": "cfnlint", "python-hcl2": "hcl2"}

MODULES = sorted(PACKAGE.rglob("*.py"))


def layer_of(module: str) -> str:
    """The layer of a dotted module name; ValueError for a module that has none."""
    parts = module.split(".")
    layer = parts[1] if len(parts) > 1 else "hipaalint"
    if layer not in LAYERS:
        raise ValueError(f"{module} belongs to no layer: put it into one, or extend LAYERS here and docs/design.md")
    return layer


def module_name(path: Path) -> str:
    """The dotted name of a file below src/."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(tree: ast.AST, module: str, is_package: bool) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything that a syntax tree imports; `from a import b` gives `a.b`."""
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                yield from ((node.lineno, alias.name) for alias in node.names)
            case ast.ImportFrom():
                base = node.module or ""
                if node.level:
                    here = module.split(".")
                    here = here[: len(here) - node.level + is_package]
                    base = ".".join([*here, base] if base else here)
                yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
            case ast.Call(
                func=ast.Name(id=name) | ast.Attribute(attr=name), args=[ast.Constant(value=str(target)), *_]
            ):
                if name in {"import_module", "__import__"}:
                    yield node.lineno, target


def wrong_directions(source: str, module: str, is_package: bool = False) -> list[str]:
    """What a module's text imports from a layer above its own, as `line: name`."""
    height = LAYERS.index(layer_of(module))
    wrong = []
    for line, name in imported(ast.parse(source), module, is_package):
        head, _, rest = name.partition(".")
        if head != "hipaalint" or rest in FREE_NAMES:
            continue
        # `from hipaalint import scan` names no layer: it asks the package itself.
        layer = rest.partition(".")[0]
        if LAYERS.index(layer if layer in LAYERS else "hipaalint") > height:
            wrong.append(f"{line}: {name}")
    return wrong


def run_at_import(node: ast.AST) -> Iterator[ast.stmt]:
    """The statements that run when a module is imported: not those in functions or under `if TYPE_CHECKING`."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and ast.unparse(child.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}:
            for otherwise in child.orelse:
                yield otherwise
                yield from run_at_import(otherwise)
            continue
        if isinstance(child, ast.stmt):
            yield child
        yield from run_at_import(child)


def eager_imports(source: str) -> set[str]:
    """The top-level names of all modules that a module's text imports when it is itself imported."""
    found = set()
    for statement in run_at_import(ast.parse(source)):
        if isinstance(statement, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in statement.names}
        elif isinstance(statement, ast.ImportFrom) and not statement.level and statement.module:
            found.add(statement.module.partition(".")[0])
    return found


def third_party(names: set[str]) -> set[str]:
    """Those of some top-level module names that are neither Python's nor ours."""
    return names - sys.stdlib_module_names - {"hipaalint"}


def declared() -> set[str]:
    """The modules of the dependencies that pyproject.toml declares for a run."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0].lower() for line in project["dependencies"]}
    return {MODULE_OF.get(name, name) for name in names}


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_imports_point_down(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert wrong_directions(source, module_name(path), path.name == "__init__.py") == []


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_third_party_modules_are_declared_and_lazy(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    found = imported(ast.parse(source), module_name(path), path.name == "__init__.py")
    everything = {name.partition(".")[0] for _, name in found}
    assert third_party(everything) <= declared()
    assert third_party(eager_imports(source)) <= EAGER


@pytest.mark.parametrize(
    ("module", "source", "wrong"),
    [
        ("hipaalint.graph.walk", "from hipaalint.model import registry", []),
        ("hipaalint.graph.walk", "from hipaalint.policy.engine import Engine", ["1: hipaalint.policy.engine.Engine"]),
        ("hipaalint.graph.walk", "def f():\n    import hipaalint.report.text", ["2: hipaalint.report.text"]),
        ("hipaalint.graph.walk", "from ..cli import main", ["1: hipaalint.cli.main"]),
        ("hipaalint.graph.walk", "from . import relations", []),
        ("hipaalint.graph.walk", "from .. import judge", ["1: hipaalint.judge"]),
        ("hipaalint.graph.walk", "from hipaalint import scan", ["1: hipaalint.scan"]),
        ("hipaalint.graph.walk", "from hipaalint import __version__", []),
        ("hipaalint.graph.walk", "import_module('hipaalint.judge.gate')", ["1: hipaalint.judge.gate"]),
        ("hipaalint.cli.scan", "from hipaalint import scan", []),
    ],
)
def test_the_direction_is_read_from_every_form(module: str, source: str, wrong: list[str]) -> None:
    assert wrong_directions(source, module) == wrong


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import networkx as nx", {"networkx"}),
        ("try:\n    from cfnlint.schema import x\nexcept ImportError:\n    pass", {"cfnlint"}),
        ("class A:\n    import hcl2", {"hcl2"}),
        ("def f():\n    import hcl2", set()),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import networkx", {"typing"}),
        ("if TYPE_CHECKING:\n    pass\nelse:\n    import networkx", {"networkx"}),
    ],
)
def test_what_runs_at_import_is_told_from_what_does_not(source: str, names: set[str]) -> None:
    assert eager_imports(source) == names


def test_no_module_hides_a_public_name() -> None:
    """Importing `hipaalint.scan`, were it a module, would replace the function `hipaalint.scan`."""
    code = "import hipaalint; print(*hipaalint.__all__)"
    public = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert "scan" in public
    hidden = [name for name in public if (PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").exists()]
    assert hidden == []


def test_the_package_loads_its_parts_only_when_they_are_used() -> None:
    code = "import sys, hipaalint; print(*sorted(m for m in sys.modules if m.startswith('hipaalint.')))"
    result = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert result.stdout.split() == []


def test_the_public_names_resolve() -> None:
    import hipaalint

    assert [name for name in hipaalint.__all__ if not hasattr(hipaalint, name)] == []
    assert callable(hipaalint.scan)
    assert callable(hipaalint.evaluate)
    assert issubclass(hipaalint.ExpressionError, Exception)
    with pytest.raises(AttributeError, match="no attribute 'absent'"):
        _ = hipaalint.absent
