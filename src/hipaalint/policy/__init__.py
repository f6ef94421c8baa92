"""Checks and the engine that runs them over the graph: verdicts with their evidence.

After graph/, before judge/. Nothing here prints, filters or reads configuration.
"""
