"""What a finding means for this repository: configuration, selection of checks, suppressions and the gate.

After policy/, before report/. It marks findings and never changes their verdict or place.
"""
