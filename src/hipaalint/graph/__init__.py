"""The resource graph: resources under registry names and the named edges between them.

After model/, before policy/. Built once a run by `build_graph`.
"""
