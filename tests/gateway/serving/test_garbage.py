"""Runs in a process of its own: what is frozen stays so."""

import subprocess
import sys

SEEN_AFTERWARDS = """
import gc
from gateway.serving.garbage import look_seldom
look_seldom()
print(gc.get_freeze_count() > 1_000, len(gc.get_objects()) < 1_000, gc.isenabled())
class Node: pass
node = Node()
node.itself = node
del node
print(gc.collect() > 0)
"""


def test_what_is_there_is_looked_at_no_more_and_what_comes_is() -> None:
    found = subprocess.run(  # noqa: S603 - the program is the text above
        [sys.executable, "-c", SEEN_AFTERWARDS], capture_output=True, text=True, check=True
    )

    assert found.stdout.split() == ["True", "True", "True", "True"]
