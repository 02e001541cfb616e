import gzip
import json

import httpx
import pytest
import zstandard

from gateway.edge.http.compression import ResponseCompressor, choose_coding
from tests.support.edge_app import send_request

LARGE = {"query": "{ __schema { types { name description fields { name description } } } }"}


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        (b"gzip", b"gzip"),
        (b"zstd", b"zstd"),
        (b"gzip, deflate, br, zstd", b"gzip"),
        (b"zstd, gzip", b"gzip"),
        (b"zstd;q=1.0, gzip;q=0.8", b"zstd"),
        (b"zstd;q=.9, gzip;q=.8", b"zstd"),
        (b"br, zstd", b"zstd"),
        (b"gzip;q=0, zstd", b"zstd"),
        (b"gzip;q=0, *", b"zstd"),
        (b" gzip ; q = 0.5 ,, zstd ; q = 0.4 ", b"gzip"),
        (b"GZIP;Q=0.9, zstd;q=0.8", b"gzip"),
        (b"*", b"gzip"),
        (b"*;q=0", None),
        (b"gzip, *;q=0", b"gzip"),
        (b"identity;q=0", None),
        (b"identity;q=0, *", b"gzip"),
        (b"identity;q=0.5, gzip;q=0.5", b"gzip"),
        (b"zstd;q=0, *;q=0.1", b"gzip"),
        (b"", None),
        (b"br, deflate", None),
        (b"identity", None),
        (b"gzip;q=0", None),
        (b"gzip;q=much", b"gzip"),
        (b"identity, gzip;q=0.5", None),
        (b"xgzip, gzipx", None),
    ],
)
def test_the_preferred_available_coding_is_chosen(accepted: bytes, expected: bytes | None) -> None:
    assert choose_coding(accepted) == expected


@pytest.mark.parametrize("size", [9, 200_000])
async def test_compressed_bodies_can_be_decompressed(size: int) -> None:
    body = b"a" * size
    compression = ResponseCompressor(min_bytes=9)
    zipped, coding = await compression.compress(body, b"gzip")
    assert (gzip.decompress(zipped), coding) == (body, b"gzip")
    zipped, coding = await compression.compress(body, b"zstd")
    assert (zstandard.ZstdDecompressor().decompress(zipped), coding) == (body, b"zstd")


async def test_a_small_response_is_not_compressed() -> None:
    assert await ResponseCompressor(min_bytes=9).compress(b"a" * 8, b"gzip") == (b"a" * 8, None)


@pytest.mark.parametrize("accepted", [b"gzip, identity;q=0", b"gzip;q=0.5, *;q=0"])
async def test_a_small_response_is_compressed_if_identity_is_rejected(accepted: bytes) -> None:
    zipped, coding = await ResponseCompressor(min_bytes=9).compress(b"a", accepted)
    assert (gzip.decompress(zipped), coding) == (b"a", b"gzip")


async def test_without_a_common_coding_the_body_is_not_compressed() -> None:
    assert await ResponseCompressor(min_bytes=0).compress(b"a", b"br, identity;q=0") == (b"a", None)


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
async def test_a_large_response_is_compressed_if_accepted(coding: str) -> None:
    plain = await send_request("POST", json=LARGE)
    response = await send_request("POST", json=LARGE, headers={"accept-encoding": coding})
    assert "content-encoding" not in plain.headers
    assert response.headers["content-encoding"] == coding
    assert int(response.headers["content-length"]) < len(plain.content) / 3
    assert data_of(response) == data_of(plain)


def data_of(response: httpx.Response) -> object:
    return json.loads(response.content)["data"]
