"""The platform's word: a policy that lies outside the repository, and that what the repository says may only tighten.

After configuration.py and selection.py, before anything is judged; pipeline.py asks it whenever a policy is named.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..policy.catalogue import Catalogue
from ..policy.check import SEVERITIES, Check
from ..policy.check_file import Fields, Reader
from ..source import Diagnostic, SourceRange
from ..syntax.yaml_json import MapNode, ScalarNode
from .configuration import Configuration, ConfigurationError, configuration_from, read_node
from .overrides import severity_of
from .rules import Override, Severities, below, matches
from .scope_rules import flag_of, widened
from .selection import STRICT, given_parameters, select_checks

ENVIRONMENT = "HIPAALINT_POLICY"
ALLOW = "allow"
ALLOW_KEYS = ("ignore", "severity", "exclude", "parameters", "assume", "roots", "baseline", "since")
BOUNDS = ("at_least", "at_most")
_NAMED = 5  # checks that a message names


class Policy:
    """A platform's own configuration, and what it allows a repository beside.

    ignore, severity, assume: patterns of checks or types. exclude, roots: patterns of paths. parameters: check → name →
    bounds ({} for any value). baseline, since: whether what was there before may be left out of account.
    """

    __slots__ = ("assume", "baseline", "configuration", "exclude", "ignore", "parameters", "roots", "severity", "since")

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self.ignore: tuple[str, ...] = ()
        self.severity: tuple[str, ...] = ()
        self.exclude: tuple[str, ...] = ()
        self.assume: tuple[str, ...] = ()
        self.roots: tuple[str, ...] = ()
        self.parameters: dict[str, dict[str, dict[str, Any]]] = {}
        self.baseline = False
        self.since = False


def policy_path(given: Path | None, repository: Path) -> Path | None:
    """The policy that is in force: the one given, or that of the environment; None without one.

    Raises ConfigurationError where the two differ, and for one that lies in the repository it is to bind.
    """
    named = os.environ.get(ENVIRONMENT)
    if given is not None and named and given.resolve() != Path(named).resolve():
        raise _wrong(f"--policy and {ENVIRONMENT} name different files; the environment's cannot be replaced")
    path = given or (Path(named) if named else None)
    if path is None:
        return None
    path = path.resolve()
    if path.is_relative_to(repository.resolve()):
        raise _wrong(
            "a policy must lie outside of the repository, where a change of the repository cannot alter it", path
        )
    return path


def read_policy(path: Path) -> Policy:
    """The policy of a file: the keys of a configuration, and `allow`. Raises ConfigurationError."""
    reader, node = read_node(path, str(path))
    if not isinstance(node, MapNode):
        raise _wrong("a policy must be a map with the keys of a configuration, and `allow`", path)
    allowed = [(key, value) for key, value in node.entries if key.text == ALLOW]
    node.entries = [entry for entry in node.entries if entry[0].text != ALLOW]
    configuration = configuration_from(reader, node, path.parent, (path,))
    for key in ("roots", "overrides"):
        if key in configuration.ranges:
            reader.error(
                f'"{key}" is about paths of one repository; it has no place in a policy', configuration.ranges[key]
            )
    for suppression in configuration.suppressions:
        suppression.trusted = True
    policy = Policy(configuration)
    for _, value in allowed:
        _read_allowed(reader, reader.fields(value, ALLOW_KEYS), policy)
    if reader.diagnostics:
        raise ConfigurationError(reader.diagnostics)
    return policy


def _read_allowed(reader: Reader, fields: Fields, policy: Policy) -> None:
    for patterns in ("ignore", "severity", "exclude", "assume", "roots"):
        setattr(policy, patterns, reader.texts(fields, patterns))
    for flag in ("baseline", "since"):
        setattr(policy, flag, flag_of(reader, fields, flag))
    for check, names in reader.entries(fields, "parameters"):
        bounds: dict[str, dict[str, Any]] = {}
        if isinstance(names, MapNode):
            for name, limits in reader.entries({check.text: names}, check.text):
                entry = reader.fields(limits, BOUNDS)
                bounds[name.text] = {bound: reader.data(value) for bound, value in entry.items()}
        elif isinstance(names, ScalarNode) or names is not None:
            bounds = {name: {} for name in reader.texts({check.text: names}, check.text)}
        policy.parameters[check.text] = bounds


class Bound:
    """What a run does under a policy: the configuration that results, the checks, and a warning for each refused line."""

    __slots__ = ("checks", "configuration", "parameters", "refused")

    def __init__(self, policy: Policy, own: Configuration, catalogue: Catalogue, repository: Path) -> None:
        self.refused: list[Diagnostic] = []
        self.configuration = own
        platform = policy.configuration
        _check_names(policy, catalogue)
        required = select_checks(catalogue, platform)
        self.checks = self._selected(policy, required, own, catalogue)
        self.parameters = self._parameters(policy, required, own, catalogue)
        self._gate(platform, own)
        own.exclude = (*platform.exclude, *self._excluded(policy, own))
        own.account_baseline = own.account_baseline or platform.account_baseline
        own.severities = [*platform.severities, *self._severities(policy, own.severities, catalogue)]
        own.overrides = [self._override(policy, override, required, catalogue) for override in own.overrides]
        widened(own.phi, platform.phi)
        own.attestations = [*platform.attestations, *own.attestations]
        own.assumptions = [*platform.assumptions, *self._assumed(policy, own)]
        own.suppressions = [*platform.suppressions, *own.suppressions]
        own.roots = {path: inputs for path, inputs in own.roots.items() if self._own_inputs(policy, path, repository)}
        if own.known_findings is not None and not policy.baseline:
            own.known_findings = None
            self._refuse("no baseline is allowed", own.ranges.get("baseline"))
        own.known_findings = own.known_findings or platform.known_findings
        for given, name in ((own.since is not None, "--since"), (own.only_touching, "--touching")):
            if given and not policy.since:
                self._refuse(f"{name} is not allowed: everything is judged", None)
        if not policy.since:
            own.since, own.only_touching = None, False

    def _refuse(self, what: str, place: SourceRange | None) -> None:
        self.refused.append(Diagnostic("warning", f"refused by the platform's policy: {what}", place))

    def _own_inputs(self, policy: Policy, path: Path, repository: Path) -> bool:
        shown = path.relative_to(repository).as_posix() if path.is_relative_to(repository) else str(path)
        if any(below(shown, pattern) for pattern in policy.roots):
            return True
        self._refuse(
            f"the inputs of {shown} are not the repository's to choose", self.configuration.ranges.get("roots")
        )
        return False

    def _selected(self, policy: Policy, required: list[Check], own: Configuration, catalogue: Catalogue) -> list[Check]:
        """What the platform asks for, and what the repository adds; off is only what may be."""
        wanted = {check.id: check for check in select_checks(catalogue, own)}
        off = [check for check in required if check.id not in wanted]
        kept = [check for check in off if not _any(check, policy.ignore)]
        ignored = [check for check in kept if _any(check, own.ignore)]
        if ignored:
            self._refuse(f"{_names(ignored)} cannot be switched off", own.ranges.get("ignore"))
        unselected = [check for check in kept if check not in ignored]
        place = own.ranges.get("select") or own.ranges.get("profile")
        if unselected and (own.select or own.profile != Configuration().profile):
            self._refuse(f"{_names(unselected)} cannot be left out", place)
        wanted.update((check.id, check) for check in kept)
        if policy.configuration.profile == STRICT:
            own.profile = STRICT
        elif own.profile != STRICT:
            own.profile = policy.configuration.profile
        return [wanted[id] for id in sorted(wanted)]

    def _gate(self, platform: Configuration, own: Configuration) -> None:
        if SEVERITIES.index(own.fail_on) > SEVERITIES.index(platform.fail_on):
            # Where nobody said anything, the default is no attempt at anything.
            if own.fail_on != Configuration().fail_on or "fail_on" in own.ranges:
                self._refuse(f"the gate closes on {platform.fail_on} and above", own.ranges.get("fail_on"))
            own.fail_on = platform.fail_on
        if platform.fail_on_unknown and not own.fail_on_unknown:
            if "fail_on_unknown" in own.ranges:
                self._refuse("what is unknown closes the gate", own.ranges["fail_on_unknown"])
            own.fail_on_unknown = True

    def _excluded(self, policy: Policy, own: Configuration) -> list[str]:
        kept = []
        for pattern in own.exclude:
            if pattern in policy.exclude or any(below(pattern, allowed) for allowed in policy.exclude):
                kept.append(pattern)
            else:
                self._refuse(f'"{pattern}" is judged all the same', own.ranges.get("exclude"))
        return kept

    def _severities(self, policy: Policy, severities: Severities, catalogue: Catalogue) -> Severities:
        """The changes that raise, or that are allowed; each for single checks."""
        kept = []
        for pattern, severity, place in severities:
            lowered = []
            for check in catalogue.checks.values():
                if not matches(check, pattern):
                    continue
                least = severity_of(check, policy.configuration.severities) or check.severity
                if SEVERITIES.index(severity) >= SEVERITIES.index(least) or _any(check, policy.severity):
                    kept.append((check.id, severity, place))
                else:
                    lowered.append(check)
            if lowered:
                self._refuse(f"the severity of {_names(lowered)} cannot be lowered", place)
        return kept

    def _override(
        self, policy: Policy, override: Override, required: Iterable[Check], catalogue: Catalogue
    ) -> Override:
        ids = {check.id for check in required}
        off = [check for check in catalogue.checks.values() if _any(check, override.ignore)]
        kept = [check for check in off if check.id in ids and not _any(check, policy.ignore)]
        if kept:
            self._refuse(f"{_names(kept)} cannot be switched off, for no path", override.range)
        ignore = [check.id for check in off if check not in kept]
        return Override(
            override.paths, ignore, self._severities(policy, override.severities, catalogue), override.range
        )

    def _assumed(self, policy: Policy, own: Configuration) -> list[Any]:
        kept = []
        for assumption in own.assumptions:
            if assumption.type in policy.assume:
                kept.append(assumption)
            else:
                self._refuse(f"{assumption.type} is not the repository's to vouch for", assumption.range)
        return kept

    def _parameters(
        self, policy: Policy, required: Iterable[Check], own: Configuration, catalogue: Catalogue
    ) -> dict[str, dict[str, Any]]:
        """The platform's parameters, and those of the repository's that are within what is allowed."""
        ids = {check.id for check in required}
        fixed = given_parameters(catalogue, policy.configuration)
        found = {check: dict(values) for check, values in fixed.items()}
        places = {
            (check.id, name): place
            for id, values in own.parameters.items()
            if (check := catalogue.find(id)) is not None
            for name, (_, place) in values.items()
        }
        allowed = {
            check.id: names for id, names in policy.parameters.items() if (check := catalogue.find(id)) is not None
        }
        for id, values in given_parameters(catalogue, own).items():
            check = catalogue.checks[id]
            for name, value in values.items():
                present = fixed.get(id, {}).get(name, check.parameters[name].default)
                bounds = allowed.get(id, {}).get(name)
                if id not in ids or value == present or (bounds is not None and _within(value, bounds)):
                    found.setdefault(id, {})[name] = value
                else:
                    limits = ", ".join(f"{bound} {limit}" for bound, limit in (bounds or {}).items())
                    what = f"{id}: {name} stays {present}" + (f" (allowed: {limits})" if limits else "")
                    self._refuse(what, places.get((id, name)))
        return found


def _within(value: Any, bounds: Mapping[str, Any]) -> bool:
    if not bounds:
        return True
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return not ("at_least" in bounds and value < bounds["at_least"]) and not (
        "at_most" in bounds and value > bounds["at_most"]
    )


def _check_names(policy: Policy, catalogue: Catalogue) -> None:
    """Raises ConfigurationError where the policy allows something that does not exist: a misspelt name is no rule."""
    for name in ("ignore", "severity"):
        probe = Configuration()
        probe.select = getattr(policy, name)
        select_checks(catalogue, probe)
    for id, names in policy.parameters.items():
        check = catalogue.find(id)
        for parameter in names:
            if check is None or parameter not in check.parameters:
                raise _wrong(f"`allow` names no parameter {parameter} of a check {id}", policy.configuration.folder)


def _any(check: Check, patterns: Iterable[str]) -> bool:
    return any(matches(check, pattern) for pattern in patterns)


def _names(checks: list[Check]) -> str:
    names = [check.id for check in checks]
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _wrong(message: str, path: Path | None = None) -> ConfigurationError:
    return ConfigurationError([Diagnostic("error", message, path=None if path is None else str(path))])
