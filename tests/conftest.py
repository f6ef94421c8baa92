"""Settings for every test.

Property tests draw the same examples in every run; HYPOTHESIS_PROFILE=search looks for new ones, and longer.
"""

import os

from hypothesis import settings

# No deadline: the time one example takes says more about the machine's other work than about the code.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=2000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))
