"""Folders of check files and control lists to a Catalogue: read strictly, every error with its place and its repair.

First in policy/; the engine runs what it gives, the reports and `hipaalint checks` describe it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from ..prepared import prepared, yaml_files
from ..source import Diagnostic, SourceFile, SyntaxFault
from ..syntax.yaml_json import MapNode, Node, parse, read_text
from .check import Check, Control, Manual, check_of, data_of
from .check_file import Reader, read_check

CONTROLS_FOLDER = "controls"
PROFILES_FOLDER = "profiles"


class Catalogue:
    """checks: id → Check, sorted by id. aliases: other id → id. controls: id with framework → Control.

    manual: what templates cannot show, and who has to. profiles: name → ids that a list of its own puts into it, besides
    the profiles that checks name themselves. diagnostics: what could not be read; a check with an error is not
    among the checks.
    """

    __slots__ = ("aliases", "checks", "controls", "diagnostics", "manual", "profiles")

    def __init__(self) -> None:
        self.checks: dict[str, Check] = {}
        self.aliases: dict[str, str] = {}
        self.controls: dict[str, Control] = {}
        self.manual: list[Manual] = []
        self.profiles: dict[str, tuple[str, ...]] = {}
        self.diagnostics: list[Diagnostic] = []

    def find(self, id: str) -> Check | None:
        """The check of this id or alias."""
        return self.checks.get(self.aliases.get(id, id))


def builtin_folder() -> Path:
    """The folder of the checks that come with hipaalint."""
    return Path(str(files("hipaalint.checks")))


def load_catalogue(folders: Sequence[Path] = ()) -> Catalogue:
    """All checks and controls below the folders, with their examples; without any, those that come with hipaalint.

    A user's folder is read after the built-in one: `load_catalogue([builtin_folder(), theirs])`.
    """
    catalogue = Catalogue()
    checks: list[Check] = []
    for folder in folders or [builtin_folder()]:
        checks += _read_folder(folder, catalogue)
    _collect(checks, catalogue)
    return catalogue


def prepared_catalogue(folders: Sequence[Path] = ()) -> Catalogue:
    """As load_catalogue, but without examples and places, and from an index where there is one: what a scan needs."""
    catalogue = Catalogue()
    checks: list[Check] = []
    for folder in folders or [builtin_folder()]:
        data = prepared("checks", folder, lambda folder=folder: folder_data(folder))  # type: ignore[misc]
        if data is None:
            return load_catalogue(folders)
        for fields in data["controls"]:
            catalogue.controls[fields["id"]] = Control(**fields)
        for fields in data["manual"]:
            catalogue.manual.append(Manual(**{**fields, "controls": tuple(fields["controls"])}))
        catalogue.profiles.update({name: tuple(ids) for name, ids in data["profiles"].items()})
        checks += [check_of(fields) for fields in data["checks"]]
    _collect(checks, catalogue)
    # A fault between folders is shown with its place, which only the files have.
    return load_catalogue(folders) if catalogue.diagnostics else catalogue


def folder_data(folder: Path) -> Any:
    """The checks and controls of a folder as JSON data; None if there is anything wrong with them."""
    catalogue = Catalogue()
    checks = _read_folder(folder, catalogue)
    if catalogue.diagnostics:
        return None
    controls = [{name: getattr(control, name) for name in Control.__slots__} for control in catalogue.controls.values()]
    manual = [{name: getattr(one, name) for name in Manual.__slots__} for one in catalogue.manual]
    return {
        "checks": [data_of(check) for check in checks],
        "controls": controls,
        "manual": manual,
        "profiles": catalogue.profiles,
    }


def _read_folder(folder: Path, catalogue: Catalogue) -> list[Check]:
    checks: list[Check] = []
    for path in yaml_files(folder):
        shown = path.relative_to(folder.parent).as_posix()
        try:
            file = SourceFile(shown, read_text(path.read_bytes(), shown))
            if path.parent.name == CONTROLS_FOLDER:
                _read_controls(file, catalogue)
            elif path.parent.name == PROFILES_FOLDER:
                _read_profile(file, catalogue)
            else:
                checks.append(_read(file, path, catalogue.diagnostics))
        except OSError as error:
            catalogue.diagnostics.append(Diagnostic("error", f"cannot be read: {error.strerror}", path=shown))
        except SyntaxFault as fault:
            catalogue.diagnostics.append(Diagnostic("error", fault.message, fault.range))
        except InvalidCheck:
            pass
    return checks


class InvalidCheck(Exception):
    """A check file with errors; they stand in the diagnostics."""


def _read(file: SourceFile, path: Path, diagnostics: list[Diagnostic]) -> Check:
    reader = Reader(file)
    check = read_check(reader, parse(file))
    if check is not None:
        check.service = path.parent.name
        if check.id != path.stem:
            reader.error(
                f'the id is "{check.id}" but the file is named "{path.name}"; make them agree', check.ranges["id"]
            )
    diagnostics.extend(reader.diagnostics)
    if check is None or reader.diagnostics:
        raise InvalidCheck
    return check


def _collect(checks: Iterable[Check], catalogue: Catalogue) -> None:
    taken: dict[str, Check] = {}
    for check in sorted(checks, key=lambda check: check.id):
        faults = list(_faults(check, taken, catalogue))
        catalogue.diagnostics.extend(faults)
        if faults:
            continue
        for name in (check.id, *check.aliases):
            taken[name] = check
        catalogue.checks[check.id] = check
        catalogue.aliases.update(dict.fromkeys(check.aliases, check.id))
    for name, ids in catalogue.profiles.items():
        for id in ids:
            found = catalogue.find(id)
            if found is not None and name not in found.profiles:
                found.profiles = (*found.profiles, name)


def _faults(check: Check, taken: dict[str, Check], catalogue: Catalogue) -> Iterable[Diagnostic]:
    for name in (check.id, *check.aliases):
        other = taken.get(name)
        if other is not None and other.file is not None:
            place = "id" if name == check.id else "aliases"
            yield Diagnostic(
                "error", f'"{name}" is taken by {other.file.path}; choose another name', check.ranges.get(place)
            )
    for position, link in enumerate(check.controls):
        if link.id not in catalogue.controls:
            yield Diagnostic(
                "error",
                f'no list of controls has "{link.id}"; correct it, or add it to a file in {CONTROLS_FOLDER}/',
                check.ranges.get(f"controls[{position}]"),
            )


def _read_controls(file: SourceFile, catalogue: Catalogue) -> None:
    """A list of controls: `framework`, `title`, `controls: [{id, title, …}]`; or of what is to be shown by hand: `manual`."""
    reader = Reader(file)
    root = parse(file)
    if isinstance(root, MapNode) and any(key.text == "manual" for key, _ in root.entries):
        _read_manual(reader, root, catalogue)
        catalogue.diagnostics.extend(reader.diagnostics)
        return
    fields = reader.fields(root, ("framework", "title", "reference", "controls"), required=("framework", "controls"))
    framework = reader.text(fields, "framework")
    for node in reader.items(fields, "controls"):
        keys = ("id", "title", "safeguard", "kind", "status", "note", "proposed")
        entry = reader.fields(node, keys, required=("id", "title"))
        id = f"{framework}:{reader.text(entry, 'id')}"
        if id in catalogue.controls:
            reader.error(f'"{id}" is here twice; remove one', node.range)
        catalogue.controls[id] = Control(
            id,
            framework,
            reader.text(entry, "title"),
            safeguard=reader.text(entry, "safeguard"),
            status=reader.text(entry, "status"),
            kind=reader.text(entry, "kind"),
            note=reader.text(entry, "note"),
            proposed=reader.text(entry, "proposed"),
        )
    catalogue.diagnostics.extend(reader.diagnostics)


def _read_profile(file: SourceFile, catalogue: Catalogue) -> None:
    """A list of checks under a name: `profile`, `title`, `reference`, `checks: [id, …]`."""
    reader = Reader(file)
    fields = reader.fields(parse(file), ("profile", "title", "reference", "checks"), required=("profile", "checks"))
    catalogue.profiles[reader.text(fields, "profile")] = reader.texts(fields, "checks")
    catalogue.diagnostics.extend(reader.diagnostics)


def _read_manual(reader: Reader, root: Node, catalogue: Catalogue) -> None:
    keys = ("id", "title", "who", "controls", "shown_by")
    for node in reader.items(reader.fields(root, ("manual",)), "manual"):
        entry = reader.fields(node, keys, required=keys)
        who = reader.choice(entry, "who", ("runtime", "organisational"), "organisational")
        texts = {name: reader.text(entry, name) for name in ("id", "title", "shown_by")}
        catalogue.manual.append(Manual(**texts, who=who, controls=reader.texts(entry, "controls")))
