"""`python -m hipaalint`: the command line, for machines whose PATH does not hold the script.

The last step of all: it only calls cli.
"""

from hipaalint.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
