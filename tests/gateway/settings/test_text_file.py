import codecs
from pathlib import Path

import pytest

from gateway.settings.text_file import read_text


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path, mark: bytes) -> None:
    file = tmp_path / "a.toml"
    file.write_bytes(mark + "a = 'é'\r\n".encode())
    assert read_text(file) == "a = 'é'\r\n"


@pytest.mark.parametrize("content", [b"a = '\xe9'", "a = 1".encode("utf-16")])
def test_another_encoding_is_an_error(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "a.toml"
    file.write_bytes(content)
    with pytest.raises(ValueError, match="expected text in UTF-8, found byte 0x"):
        read_text(file)
