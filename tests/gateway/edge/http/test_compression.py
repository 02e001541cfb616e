import gzip
import json

import httpx
import pytest
import zstandard

from gateway.edge.http.compression import Compression, coding_of
from tests.support.edge import asked

LARGE = {"query": "{ __schema { types { name description fields { name description } } } }"}


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        (b"gzip", b"gzip"),
        (b"zstd", b"zstd"),
        (b"gzip, deflate, br, zstd", b"zstd"),
        (b"GZIP;Q=0.9, zstd;q=0.8", b"gzip"),
        (b"*", b"zstd"),
        (b"zstd;q=0, *;q=0.1", b"gzip"),
        (b"", None),
        (b"br, deflate", None),
        (b"identity", None),
        (b"gzip;q=0", None),
        (b"gzip;q=much", None),
        (b"identity, gzip;q=0.5", None),
        (b"xgzip, gzipx", None),
    ],
)
def test_the_best_coding_that_both_know_is_taken(accepted: bytes, expected: bytes | None) -> None:
    assert coding_of(accepted) == expected


@pytest.mark.parametrize("size", [9, 200_000])
async def test_what_is_compressed_can_be_read_again(size: int) -> None:
    body = b"a" * size
    compression = Compression(from_bytes=9)
    zipped, coding = await compression.compress(body, b"gzip")
    assert (gzip.decompress(zipped), coding) == (body, b"gzip")
    zipped, coding = await compression.compress(body, b"zstd")
    assert (zstandard.ZstdDecompressor().decompress(zipped), coding) == (body, b"zstd")


async def test_a_small_answer_stays_as_it_is() -> None:
    assert await Compression(from_bytes=9).compress(b"a" * 8, b"gzip") == (b"a" * 8, None)


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
async def test_a_large_answer_comes_compressed_to_who_accepts_it(coding: str) -> None:
    plain = await asked("POST", json=LARGE)
    answer = await asked("POST", json=LARGE, headers={"accept-encoding": coding})
    assert "content-encoding" not in plain.headers
    assert answer.headers["content-encoding"] == coding
    assert int(answer.headers["content-length"]) < len(plain.content) / 3
    assert data_of(answer) == data_of(plain)


def data_of(answer: httpx.Response) -> object:
    return json.loads(answer.content)["data"]
