"""From paths to resources as written: what to read (discover.py), Terraform (terraform/), CloudFormation (cloudformation/).

Fourth in the flow: uses expression/, syntax/ and resource.py; model/ gives what it makes the registry's names.
"""
