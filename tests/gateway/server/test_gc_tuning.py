"""Runs in a process of its own: what is frozen stays so."""

import subprocess
import sys

SEEN_AFTERWARDS = """
import gc
from gateway.server.gc_tuning import tune_for_serving
tune_for_serving()
print(gc.get_freeze_count() > 1_000, len(gc.get_objects()) < 1_000, gc.isenabled())
class Node: pass
node = Node()
node.itself = node
del node
print(gc.collect() > 0)
"""


LOADED_UNLOOKED = """
import gc
from gateway.server.gc_tuning import gc_disabled_imports
before = gc.get_freeze_count()
with gc_disabled_imports():
    print(not gc.isenabled())
    code = [[number] for number in range(5_000)]
print(gc.isenabled(), gc.get_freeze_count() - before > 5_000)
"""


def test_existing_objects_are_exempt_from_collection_and_new_ones_are_not() -> None:
    assert printed(SEEN_AFTERWARDS) == ["True", "True", "True", "True"]


def test_imported_code_is_never_collected() -> None:
    assert printed(LOADED_UNLOOKED) == ["True", "True", "True"]


def printed(program: str) -> list[str]:
    found = subprocess.run(  # noqa: S603 - the programs are the texts above
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return found.stdout.split()
