"""What a configuration says about PHI and environments, besides its defaults: the key `phi`, and words of deployments.

Read by configuration.py; pipeline.py hands it to the graph, whose graph/scope_settings.py says what it means.
"""

from __future__ import annotations

from ..graph.scope_settings import ScopeSettings
from ..policy.check_file import Fields, Reader

PHI_KEYS = ("tag_keys", "tag_values", "environment_keys", "addresses", "roots", "raise_severity")
_LISTS = {
    "tag_keys": "tag_keys",
    "tag_values": "tag_values",
    "environment_keys": "environment_keys",
    "addresses": "addresses",
    "roots": "root_patterns",
}


def read_phi(reader: Reader, fields: Fields, settings: ScopeSettings) -> None:
    """Put what the key `phi` says into the settings; mistakes go to the reader."""
    if "phi" not in fields:
        return
    own = reader.fields(fields["phi"], PHI_KEYS)
    for key, name in _LISTS.items():
        if key in own:
            texts = reader.texts(own, key)
            setattr(settings, name, tuple(text.lower() for text in texts) if key == "tag_values" else texts)
    if "raise_severity" in own:
        settings.raise_severity = flag_of(reader, own, "raise_severity")


def flag_of(reader: Reader, fields: Fields, name: str) -> bool:
    """A field that is true or false; false where it is left out."""
    value = reader.data(fields[name]) if name in fields else False
    if not isinstance(value, bool):
        reader.error(f'"{name}" must be true or false', fields[name].range)
    return value is True


def widened(settings: ScopeSettings, platform: ScopeSettings) -> None:
    """Under a platform's word a repository's may only add: what holds PHI for the platform does for the repository."""
    for name in _LISTS.values():
        setattr(settings, name, tuple(dict.fromkeys((*getattr(platform, name), *getattr(settings, name)))))
    settings.raise_severity = settings.raise_severity or platform.raise_severity
