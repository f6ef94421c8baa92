"""What is known about resource types before any file is read: schemas, lifting tables, defaults, relations.

In the flow: between load and graph; lift turns resources as written into resources under registry names.
"""
