"""Settings of all tests."""

from hypothesis import settings

# Machines of CI are slow at times; and what was found is written down as a test, not in a database.
settings.register_profile("hookseal", deadline=None, database=None)
settings.load_profile("hookseal")
