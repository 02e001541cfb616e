"""`upgrade-gateway doctor`."""


def doctor() -> None:
    """Test a configuration step by step."""
