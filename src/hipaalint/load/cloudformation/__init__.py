"""CloudFormation templates to resources as written.

template.py reads, lowering.py and functions.py give meaning, stack.py and nesting.py make the resources.
"""

from .assembly import load_assembly
from .loader import load_template, without_nested

__all__ = ["load_assembly", "load_template", "without_nested"]
