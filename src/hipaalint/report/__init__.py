"""Reports: one module a format; each turns a Report into text and decides nothing.

After judge/, before cli/.
"""
