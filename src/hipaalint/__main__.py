"""`python -m hipaalint`: the command line, for machines whose PATH does not hold the script.

The last step of all: it only calls cli.
"""

import os
import sys

if __name__ == "__main__":
    # `-m` puts the working directory, which may be a scanned tree, before Python's own modules: nothing is taken from it.
    sys.path[:] = [path for path in sys.path if path not in ("", os.getcwd())]

from hipaalint.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
