"""Terraform: a folder of `.tf`, `.tofu` and JSON files to a Root with its resources, evaluated on demand.

files (which texts) → module_body (lowered once) → root, module_instance, expansion (instances) → blocks (values).
Or a plan, which says the values itself: plan, plan_references.
"""

from .plan import load_plan
from .root import load_module_root

__all__ = ["load_module_root", "load_plan"]
