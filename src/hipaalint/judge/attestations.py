"""What somebody attests in the configuration: a citation or a manual requirement, with owner, date, evidence and term.

Read for judge/configuration.py; shown by the reports beside the results. An attestation makes nothing pass.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..policy.catalogue import Catalogue
from ..policy.check_file import Fields, Reader
from ..source import Diagnostic, SourceRange

KEYS = ("requirement", "owner", "date", "evidence", "until", "note")
_REQUIRED = ("requirement", "owner", "date", "evidence")


class Attestation:
    """subjects: ids of controls (`hipaa:164.310(a)(1)`) or of manual requirements. date, until: ISO days; until or None."""

    __slots__ = ("date", "evidence", "note", "owner", "range", "subjects", "until")

    def __init__(
        self,
        subjects: tuple[str, ...],
        owner: str,
        date: str,
        evidence: str,
        until: str | None,
        note: str,
        range: SourceRange,
    ) -> None:
        self.subjects = subjects
        self.owner = owner
        self.date = date
        self.evidence = evidence
        self.until = until
        self.note = note
        self.range = range

    def is_open(self, today: str) -> bool:
        """Whether it no longer holds, or not yet, on a day: then what it is about is open again."""
        return today < self.date or (self.until is not None and self.until < today)


def read_attestations(reader: Reader, fields: Fields) -> list[Attestation]:
    """`attest: [{requirement, owner, date, evidence, until, note}]`."""
    from .configuration import is_date  # which imports this module

    found = []
    for node in reader.items(fields, "attest"):
        entry = reader.fields(node, KEYS, _REQUIRED)
        for name in ("date", "until"):
            if name in entry and not is_date(reader.text(entry, name)):
                reader.error(f'"{reader.text(entry, name)}" is no date; write it as 2027-01-31', entry[name].range)
        subjects = reader.texts(entry, "requirement")
        if "requirement" in entry and not subjects:
            reader.error('"requirement" must name a control or a manual requirement', entry["requirement"].range)
        texts = {name: reader.text(entry, name) for name in ("owner", "date", "evidence", "note")}
        until = reader.text(entry, "until") or None
        found.append(
            Attestation(
                subjects,
                texts["owner"],
                texts["date"],
                texts["evidence"],
                until,
                texts["note"],
                node.range,
            )
        )
    return found


def check_attestations(catalogue: Catalogue, attestations: Iterable[Attestation]) -> None:
    """Raises ConfigurationError for a subject that neither is a control nor has to be shown by hand."""
    from .configuration import ConfigurationError, nearest

    known = [*catalogue.controls, *(one.id for one in catalogue.manual)]
    errors = [
        Diagnostic(
            "error", f'nothing is called "{subject}" that could be attested{nearest(subject, known)}', each.range
        )
        for each in attestations
        for subject in each.subjects
        if subject not in known
    ]
    if errors:
        raise ConfigurationError(errors)
