"""What a configuration says about PHI and environments: which tags and values speak of them, and where everything counts.

Kept by graph/graph.py for graph/phi_scope.py; judge/ fills it in.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from ..resource import Root

TAG_KEYS = (
    "PHI", "phi", "contains_phi", "ContainsPHI", "has_PHI", "has_phi",
    "DataClassification", "data_classification", "data-classification",
)  # fmt: skip
TAG_VALUES = ("true", "yes", "phi", "ephi")
ENVIRONMENT_KEYS = ("Environment", "environment", "Env", "env", "Stage", "stage")


class ScopeSettings:
    """tag_keys, tag_values: of the tags that say that something holds PHI; any other value says that it does not.

    addresses: patterns (with *) of resources that hold it whatever their tags. roots: (path of a root, deployment) in
    which everything counts as holding it; root_patterns: of paths of such roots. environments: (path, deployment) → name.
    raise_severity: a failure on what certainly holds PHI weighs one level more.
    """

    __slots__ = (
        "addresses",
        "environment_keys",
        "environments",
        "raise_severity",
        "root_patterns",
        "roots",
        "tag_keys",
        "tag_values",
    )

    def __init__(self) -> None:
        self.tag_keys: Sequence[str] = TAG_KEYS
        self.tag_values: Sequence[str] = TAG_VALUES
        self.environment_keys: Sequence[str] = ENVIRONMENT_KEYS
        self.addresses: Sequence[str] = ()
        self.root_patterns: Sequence[str] = ()
        self.roots: set[tuple[str, str]] = set()
        self.environments: dict[tuple[str, str], str] = {}
        self.raise_severity = False

    def whole_root(self, root: Root) -> bool:
        """Whether everything in a root counts as holding PHI."""
        if (root.path, root.deployment) in self.roots:
            return True
        patterns = self.root_patterns
        return any(fnmatchcase(root.path, one) or root.path.startswith(f"{one.rstrip('/')}/") for one in patterns)

    def environment_of(self, root: Root) -> str:
        """What a deployment is called: by the configuration, else its own name, which may be empty."""
        return self.environments.get((root.path, root.deployment), root.deployment)
