from pathlib import Path

from gateway.settings.asked_file import AskedFile
from gateway.settings.reloading import ReloadingFile
from tests.support.clock import FakeClock


def test_a_change_is_told_within_a_second_and_not_looked_for_before(tmp_path: Path) -> None:
    clock, file = FakeClock(), tmp_path / "number.txt"
    file.write_text("1")
    asked = AskedFile(ReloadingFile(file, int), clock.monotonic)
    file.write_text("22")

    clock.now += 0.9
    assert asked.current() == 1
    clock.now += 0.1
    assert asked.current() == 22
