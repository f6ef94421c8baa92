"""The checks that hipaalint ships, one YAML file each in a folder a service, and the controls they serve.

Data, not code: installed as the package hipaalint.checks, where importlib.resources finds it in every kind of install.
"""
