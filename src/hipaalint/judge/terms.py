"""The terms of a run: its checks and parameters, what the platform's policy leaves of a configuration, known findings.

After surroundings.py; all that can be wrong with a configuration has been said when this is made.
"""

from __future__ import annotations

from copy import copy
from pathlib import Path
from typing import Any

from ..policy.catalogue import Catalogue
from ..policy.check import Check
from ..source import Diagnostic
from .assumptions import check_assumptions
from .attestations import check_attestations
from .baseline import Entries, read_baseline
from .configuration import Configuration
from .platform import Bound, policy_path, read_policy
from .rules import SuppressionRules
from .selection import check_patterns, given_parameters, select_checks
from .surroundings import catalogue_for


class Terms:
    """refused: a warning for each line that the platform's policy does not allow. known: entries of the baseline, by
    fingerprint, from the file `known_path` ("" without one). platform: the policy's rules about suppressions, None
    without a policy."""

    __slots__ = (
        "catalogue",
        "checks",
        "configuration",
        "known",
        "known_path",
        "parameters",
        "platform",
        "refused",
    )

    def __init__(self, given: Configuration, repository: Path) -> None:
        configuration = copy(given)  # what the caller has stays as it is
        path = policy_path(configuration.policy, repository)
        policy = read_policy(path) if path is not None else None
        if policy is not None:
            configuration.checks = (*policy.configuration.checks, *configuration.checks)
        self.catalogue: Catalogue = catalogue_for(configuration)
        check_patterns(self.catalogue, configuration)
        self.refused: list[Diagnostic] = []
        self.platform: SuppressionRules | None = None
        self.checks: list[Check]
        self.parameters: dict[str, dict[str, Any]]
        if policy is not None:
            bound = Bound(policy, configuration, self.catalogue, repository)
            self.checks, self.parameters, self.refused = bound.checks, bound.parameters, bound.refused
            self.platform = policy.configuration.suppression_rules
        else:
            self.checks = select_checks(self.catalogue, configuration)
            self.parameters = given_parameters(self.catalogue, configuration)
        check_assumptions(self.catalogue, configuration.assumptions)
        check_attestations(self.catalogue, configuration.attestations)
        self.configuration = configuration
        self.known: Entries = {}
        self.known_path = ""
        if configuration.known_findings is not None:
            file = configuration.known_findings.resolve()
            self.known_path = file.relative_to(repository).as_posix() if file.is_relative_to(repository) else str(file)
            self.known = read_baseline(file, self.known_path)
