"""hipaalint: CloudFormation and Terraform, judged control by control against the HIPAA Security Rule.

The door of the package. It loads nothing until a name is used, so that `hipaalint --version` starts at once.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hipaalint.evaluation import UNKNOWN, ExpressionError, evaluate
    from hipaalint.pipeline import scan

__version__ = "0.1.0"
__all__ = ["UNKNOWN", "ExpressionError", "__version__", "evaluate", "scan"]

# No module may bear the name of a public function: importing it would replace the function in this namespace.
_HOME = {
    "UNKNOWN": "hipaalint.evaluation",
    "ExpressionError": "hipaalint.evaluation",
    "evaluate": "hipaalint.evaluation",
    "scan": "hipaalint.pipeline",
}


def __getattr__(name: str) -> object:
    """Return the public `name`, importing the module it lives in; AttributeError for any other name."""
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, also those not loaded yet."""
    return sorted({*globals(), *__all__})
