"""Property tests try the same examples each time; HYPOTHESIS_PROFILE=default tries new ones."""

import os

from hypothesis import settings

settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
