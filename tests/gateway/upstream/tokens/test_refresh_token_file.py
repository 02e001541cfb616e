import os
from pathlib import Path

import pytest

from gateway.credentials import SecretToken
from gateway.upstream.errors import Unauthorized
from gateway.upstream.tokens.refresh_token_file import RefreshTokenFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "refresh-token"
    path.write_text("old-token\n")
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_token_that_only_its_owner_can_read_is_read(path: Path, mode: int) -> None:
    path.chmod(mode)
    assert RefreshTokenFile(path).read().reveal() == "old-token"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o622])
def test_a_file_that_others_can_read_is_rejected_with_the_remedy(path: Path, mode: int) -> None:
    path.chmod(mode)
    with pytest.raises(Unauthorized, match=f"mode {mode:04o}.*mode to 0600") as raised:
        RefreshTokenFile(path).read()
    assert "old-token" not in str(raised.value)


def test_a_file_of_another_user_is_rejected(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    with pytest.raises(Unauthorized, match="belongs to user"):
        RefreshTokenFile(path).read()


@pytest.mark.parametrize(
    "content",
    [b"", b" \n", b"two tokens", b"one\ntwo", "schlüssel".encode(), b"\xff", b"x" * 70_000],
    ids=["empty", "blank", "two", "two lines", "not ASCII", "not text", "too long"],
)
def test_a_file_without_exactly_one_token_is_rejected(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(Unauthorized, match="one refresh token and nothing else"):
        RefreshTokenFile(path).read()


def test_a_byte_order_mark_is_not_part_of_the_token(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbftoken\r\n")
    assert RefreshTokenFile(path).read().reveal() == "token"


def test_the_error_for_a_missing_file_says_how_to_create_it(tmp_path: Path) -> None:
    with pytest.raises(Unauthorized, match=r"No such file.*mode 0600"):
        RefreshTokenFile(tmp_path / "nowhere").read()


def test_a_folder_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(Unauthorized, match="cannot be read"):
        RefreshTokenFile(tmp_path).read()


def test_a_device_is_rejected() -> None:
    with pytest.raises(Unauthorized, match="not a regular file"):
        RefreshTokenFile(Path("/dev/null")).read()


def test_a_rotated_token_replaces_the_old_one_for_its_owner_only(path: Path) -> None:
    RefreshTokenFile(path).replace(SecretToken("new-token"))
    assert RefreshTokenFile(path).read().reveal() == "new-token"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["refresh-token"]


def test_a_symbolic_link_stays_one(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(path)
    RefreshTokenFile(link).replace(SecretToken("new-token"))
    assert link.is_symlink()
    assert path.read_text() == "new-token\n"


def test_a_token_that_cannot_be_written_leaves_the_old_one_and_no_other_files(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unauthorized, match=r"cannot be replaced \(No space left"):
        RefreshTokenFile(path).replace(SecretToken("new-token"))
    assert path.read_text() == "old-token\n"
    assert [entry.name for entry in path.parent.iterdir()] == ["refresh-token"]
