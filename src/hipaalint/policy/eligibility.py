"""Whether the service of a resource may hold ePHI under AWS's business associate addendum, by a dated list.

Domain function: registered here, called by expressions through policy/functions.py.
"""

from __future__ import annotations

from functools import cache

from ..expression.values import NO_DEFAULT, STRING, Unknown, Value, known
from ..graph.graph import ResourceView
from ..model.tables import read_yaml_folder
from .decisions import domain_function

ELIGIBLE, NO_DATA, NOT_ELIGIBLE = "eligible", "no_data", "not_eligible"


@cache
def services() -> tuple[str, dict[str, str]]:
    """The date of the list, and service in small letters → the list in which it stands."""
    [(_file, content)] = read_yaml_folder("services")
    standing = {name.lower(): kind for kind in (ELIGIBLE, NO_DATA, NOT_ELIGIBLE) for name in content[kind]}
    return str(content["as_of"]), standing


@domain_function("eligibility", 1, 1)
def eligibility(self: Value) -> Value:
    """For a resource its `service`, the `status` of that service (`eligible`, `not_eligible` or `no_data`) and the date
    of the list (`as_of`). The status of a service that nobody has put on a list is unknown.
    """
    type = self.resource.type if isinstance(self, ResourceView) else ""
    as_of, standing = services()
    if type.startswith("AWS::"):
        service = type.split("::")[1]
        status = standing.get(service.lower())
    else:
        # Without a registry type it is a side-car, unless its name begins with that of a service on a list.
        service = type.partition("_")[2].partition("_")[0]
        status = standing.get(service) or NO_DATA
    if status is None:
        missing = f"{service} does not stand in the list of services of {as_of}"
        found: Value = Unknown(NO_DEFAULT, missing, STRING, True, range=self.range)
    else:
        found = known(status, self.range)
    return known({"service": service, "status": found, "as_of": as_of}, self.range)
