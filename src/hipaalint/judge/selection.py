"""Which checks run, and with which parameters: profiles, patterns of ids, severities and controls.

After configuration.py; every name that means nothing is an error that gives the nearest one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..policy.catalogue import Catalogue
from ..policy.check import SEVERITIES, Check
from ..source import Diagnostic, SourceRange
from .configuration import Configuration, ConfigurationError, nearest
from .rules import matches

ALL, STRICT = "all", "strict"


def select_checks(catalogue: Catalogue, configuration: Configuration) -> list[Check]:
    """The checks of the run, by id. What `select` names runs whatever the profile. Raises ConfigurationError."""
    errors: list[Diagnostic] = []
    checks = list(catalogue.checks.values())
    profiles = profile_names(checks)
    place = configuration.ranges.get
    if configuration.profile not in profiles:
        hint = nearest(configuration.profile, profiles) or f"; there are {', '.join(profiles)}"
        errors.append(Diagnostic("error", f'there is no profile "{configuration.profile}"{hint}', place("profile")))
    wanted = _matching(catalogue, configuration.select, place("select"), errors)
    unwanted = _matching(catalogue, configuration.ignore, place("ignore"), errors)
    if errors:
        raise ConfigurationError(errors)
    if not configuration.select:
        wanted = {check.id for check in checks if _in_profile(check, configuration.profile)}
    return sorted((check for check in checks if check.id in wanted - unwanted), key=lambda check: check.id)


def check_patterns(catalogue: Catalogue, configuration: Configuration) -> None:
    """Raises ConfigurationError where a rule about severities, paths or suppressions means no check."""
    errors: list[Diagnostic] = []
    ranges = configuration.ranges
    for pattern, _, place in configuration.severities:
        _matching(catalogue, [pattern], place, errors)
    for override in configuration.overrides:
        _matching(catalogue, override.ignore, override.range, errors)
        for pattern, _, place in override.severities:
            _matching(catalogue, [pattern], place, errors)
    for pattern, _ in configuration.suppression_rules:
        _matching(catalogue, [pattern], ranges.get("suppression_rules"), errors)
    if errors:
        raise ConfigurationError(errors)


def profile_names(checks: Iterable[Check]) -> list[str]:
    """Every profile there is: those that the checks name, `all` and `strict`."""
    return sorted({"default", ALL, STRICT} | {name for check in checks for name in check.profiles})


def given_parameters(catalogue: Catalogue, configuration: Configuration) -> dict[str, dict[str, Any]]:
    """Check id → parameter → plain value, as far as the configuration gives them. Raises ConfigurationError."""
    errors: list[Diagnostic] = []
    given: dict[str, dict[str, Any]] = {}
    for name, values in configuration.parameters.items():
        check = catalogue.find(name)
        place = configuration.ranges.get("parameters")
        if check is None:
            message = f'"parameters" names no check "{name}"{nearest(name, list(catalogue.checks))}'
            errors.append(Diagnostic("error", message, next((range for _, range in values.values()), place)))
            continue
        for parameter, (value, range) in values.items():
            declared = check.parameters.get(parameter)
            if declared is None:
                hint = nearest(parameter, list(check.parameters)) or _listed(check.parameters)
                errors.append(Diagnostic("error", f'{check.id} has no parameter "{parameter}"{hint}', range))
            elif not declared.accepts(value):
                errors.append(Diagnostic("error", f'"{parameter}" of {check.id} must be a {declared.type}', range))
            else:
                given.setdefault(check.id, {})[parameter] = value
    if errors:
        raise ConfigurationError(errors)
    return given


def _listed(parameters: Mapping[str, object]) -> str:
    return f"; it has {', '.join(parameters)}" if parameters else "; it has none"


def _in_profile(check: Check, profile: str) -> bool:
    return profile in (ALL, STRICT) or profile in check.profiles


def _matching(
    catalogue: Catalogue, patterns: Sequence[str], place: SourceRange | None, errors: list[Diagnostic]
) -> set[str]:
    found: set[str] = set()
    for pattern in patterns:
        matched = {check.id for check in catalogue.checks.values() if matches(check, pattern)}
        if not matched:
            names = [*catalogue.checks, *catalogue.aliases, *catalogue.controls, *SEVERITIES]
            hint = nearest(pattern, names) or "; `hipaalint checks` lists them"
            errors.append(Diagnostic("error", f'no check, control or severity is named "{pattern}"{hint}', place))
        found |= matched
    return found
