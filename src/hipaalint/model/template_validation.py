"""cfn-lint's own errors on the templates of a scan, for `--validate`: a verdict on an invalid template is worth little.

Called by pipeline.py; cfn-lint is imported when it is wanted. What our own parser refused is not given to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..resource import CLOUDFORMATION, Root
from ..source import Diagnostic, SourceFile, SourceRange
from .cfnlint_schemas import REGION


def validation(roots: Iterable[Root]) -> list[Diagnostic]:
    """One diagnostic for each error (no warnings) that cfn-lint finds, at its place."""
    found: list[Diagnostic] = []
    done: set[str] = set()
    for root in roots:
        unreadable = {each.path for each in root.diagnostics if each.severity == "error"}
        for file in root.files if root.kind == CLOUDFORMATION else ():
            if (
                file.path in done
                or file.path in unreadable
                or ('"Resources"' not in file.text and "Resources:" not in file.text)
            ):
                continue
            done.add(file.path)
            try:
                found += [_diagnostic(file, match) for match in _matches(file.text)]
            except Exception as error:  # noqa: BLE001 - the boundary: one file must not lose its neighbours
                message = f"cfn-lint failed on this template ({type(error).__name__}); it was not validated"
                found.append(Diagnostic("error", message, path=file.path))
    return found


def _matches(text: str) -> list[Any]:
    from cfnlint.config import ConfigMixIn
    from cfnlint.decode.decode import decode_str
    from cfnlint.runner import Runner

    class Config(ConfigMixIn):  # type: ignore[misc]
        """Neither a template nor a file of the repository may configure cfn-lint: it would load rules from there."""

        template_args: dict[str, Any] = property(lambda self: {}, lambda self, template: None)  # type: ignore[assignment]

        def set_template_args(self, template: Any) -> None:
            pass

        def load(self) -> None:
            pass

        def _has_file(self, filename: Any) -> bool:
            return False

    template, errors = decode_str(text)
    if errors:
        return list(errors)
    runner = Runner(Config(regions=[REGION], ignore_checks=["W", "I"]))
    return list(runner.validate_template(template))


def _diagnostic(file: SourceFile, match: Any) -> Diagnostic:
    start = _offset(file, match.linenumber, match.columnnumber)
    end = _offset(file, match.linenumberend, match.columnnumberend)
    return Diagnostic("error", f"{match.rule.id}: {match.message}", SourceRange(file, start, max(start, end)))


def _offset(file: SourceFile, line: int, column: int) -> int:
    line = min(max(line, 1), len(file.line_starts))
    return min(file.line_starts[line - 1] + max(column - 1, 0), len(file.text))
