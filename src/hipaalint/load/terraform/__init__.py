"""Terraform: a folder of `.tf`, `.tofu` and JSON files to a Root with its resources, evaluated on demand.

files (which texts) → module_body (lowered once) → root, module_instance, expansion (instances) → blocks (values).
"""

from .root import load_module_root

__all__ = ["load_module_root"]
