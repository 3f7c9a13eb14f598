"""The long form of the kills while the router saves: 200, at least 50 of them
inside `write memory`."""
from test_nothing_lost import (  # noqa: F401
    test_kill_9_while_saving_leaves_the_old_or_the_new_whole)
