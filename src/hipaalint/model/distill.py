"""Writes the two schema indexes of this folder; a development tool: `python -m hipaalint.model.distill`.

In the flow: before it; the indexes are committed, and a test compares them with what this makes.

    python -m hipaalint.model.distill                                   the registry's, from the installed cfn-lint
    python -m hipaalint.model.distill --terraform FILE [--types FILE …] [--provider-version V]
                                                                        the provider's too

FILE is what `terraform providers schema -json` prints in a folder that requires hashicorp/aws (the committed index was
made from version 6.62), or rows made from it, plain or with gzip. `--types` keeps the types that the text files name,
`data.aws_…` or a name that only a data source has being a data source.
"""

import argparse
import gzip
import json
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from .cfnlint_schemas import bundle_source, bundled_schemas
from .index_file import index_path, render
from .provider_schema import PROVIDER_FILE
from .registry import REGISTRY_FILE
from .registry_nodes import distil_type
from .terraform_nodes import Rows, provider_rows

_TYPE = re.compile(r"\b(?:data\.)?aws_[a-z0-9_]+")


def registry_index() -> str:
    """The text of the registry's index, made from the schemas that the installed cfn-lint bundles."""
    return render(bundle_source(), {name: distil_type(schema) for name, schema in bundled_schemas()})


def provider_index(schema: Path, types: Sequence[Path] = (), version: str | None = None) -> str:
    """The text of the provider's index, made from a schema file; with `types`, of the types that these files name.

    Raises OSError for an unreadable file and ValueError for one that is no such schema.
    """
    content = schema.read_bytes()
    if content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    source, rows = provider_rows(json.loads(content), version)
    if types:
        rows = _named(rows, (path.read_text("utf-8", "replace") for path in types))
    return render(source, rows)


def _named(rows: Rows, texts: Iterable[str]) -> Rows:
    names = {name for text in texts for name in _TYPE.findall(text)}
    names |= {f"data.{name}" for name in names if name not in rows}
    return {name: row for name, row in rows.items() if name in names}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the indexes; returns the exit code, 2 for a schema file that cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m hipaalint.model.distill", description="Write the schema indexes.")
    parser.add_argument("--terraform", type=Path, metavar="FILE", help="schema of the Terraform AWS provider")
    parser.add_argument("--types", type=Path, nargs="+", default=[], metavar="FILE", help="keep types named there")
    parser.add_argument(
        "--provider-version", metavar="VERSION", help="version of the provider, if FILE does not say it"
    )
    options = parser.parse_args(arguments)
    _write(REGISTRY_FILE, registry_index())
    if options.terraform:
        try:
            text = provider_index(options.terraform, options.types, options.provider_version)
        except (OSError, ValueError) as error:
            print(f"{options.terraform}: {error}", file=sys.stderr)
            return 2
        _write(PROVIDER_FILE, text)
    return 0


def _write(name: str, text: str) -> None:
    path = Path(index_path(name))
    path.write_bytes(text.encode("ascii"))
    print(f"{path}: {text.count(chr(10)) - 3} types, {len(text)} bytes")


if __name__ == "__main__":
    sys.exit(main())
