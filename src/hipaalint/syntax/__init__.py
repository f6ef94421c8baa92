"""Text to trees: HCL by a scanner and parser of our own, YAML and JSON over libyaml's events."""
