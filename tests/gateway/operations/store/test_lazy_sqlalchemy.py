import sys

import pytest

from gateway.operations.store.lazy_sqlalchemy import LazyModule


def test_a_lazy_module_is_loaded_at_its_first_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    lazy = LazyModule("colorsys")
    was_loaded = "colorsys" in sys.modules
    assert lazy.rgb_to_hsv(0, 0, 0) == (0.0, 0.0, 0)
    assert not was_loaded
