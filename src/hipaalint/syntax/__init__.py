"""Text to trees: HCL by a scanner and parser of our own, YAML and JSON over libyaml's events.

Above source and expression, below everything that knows what a resource is; nothing here evaluates.
"""
