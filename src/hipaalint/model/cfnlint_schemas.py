"""The schemas that cfn-lint bundles, and the only module that imports cfnlint.

In the flow: beside it; distill reads the schemas while developing, no scan does.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

REGION = "us-east-1"


def bundled_schemas() -> Iterator[tuple[str, dict[str, Any]]]:
    """Pairs of registry type and resource schema, sorted by type; the types of SAM are among them.

    cfn-lint prefers a newer copy in the user's cache to its own, and downloads one if it finds none. The directories of
    the bundle are passed so that the result depends on the installed version alone. Raises FileNotFoundError if the
    installed cfn-lint has no bundle.
    """
    from cfnlint.schema.manager import ProviderSchemaManager

    bundle = _bundle()
    if not (bundle / "providers" / f"{REGION}.json").is_file():
        raise FileNotFoundError(f"this version of cfn-lint bundles no schemas in {bundle}")
    manager = ProviderSchemaManager(providers_dir=bundle / "providers", resources_dir=bundle / "resources")
    for name in sorted(manager.get_resource_types(REGION)):
        yield name, manager.get_resource_schema(REGION, name).schema


def bundle_source() -> dict[str, str]:
    """What the bundle is: version of cfn-lint, region, date of the schemas."""
    from cfnlint.version import __version__

    date = json.loads((_bundle() / "version.json").read_text("utf-8"))["schema_date"]
    return {"cfn-lint": __version__, "region": REGION, "schema_date": date}


def _bundle() -> Path:
    import cfnlint

    return Path(cfnlint.__file__).parent / "data" / "schemas"
