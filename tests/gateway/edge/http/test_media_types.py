import pytest

from gateway.edge.http.media_types import MediaRange, parse_accept, parse_media_type, parse_weights


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("application/json", MediaRange("application/json")),
        (" Application/JSON ", MediaRange("application/json")),
        ("a/b; Charset=UTF-8", MediaRange("a/b", {"charset": "UTF-8"})),
        ('a/b;c="d;e,\\"f"; g=h', MediaRange("a/b", {"c": 'd;e,"f', "g": "h"})),
        ("a/b;;c=d;", MediaRange("a/b", {"c": "d"})),
        ("a/b;c=1;c=2", MediaRange("a/b", {"c": "1"})),
        ("", None),
        ("json", None),
        ("a/b c", None),
        ("a/b, c/d", None),
        ("a/b;c", None),
        ('a/b;c="d', None),
    ],
)
def test_a_content_type_is_parsed_or_none(text: str, expected: MediaRange | None) -> None:
    assert parse_media_type(text) == expected


def test_invalid_media_ranges_are_skipped() -> None:
    text = ',, a/b;q=0.5, nonsense, c/*;d=",";q=1.0, , g/h;i, e/f;q=0;;j=k l'
    assert list(parse_accept(text)) == [
        MediaRange("a/b", weight=0.5),
        MediaRange("c/*", {"d": ","}, 1.0),
        MediaRange("g/h"),
        MediaRange("e/f", {"j": "k"}, weight=0.0),
    ]


@pytest.mark.parametrize("text", ["*; q=.2", " * ;q = .2", "*/*;q=.2", "* / * ; Q=0.20000"])
def test_weights_are_parsed_as_clients_write_them(text: str) -> None:
    assert list(parse_accept(text)) == [MediaRange("*/*", weight=0.2)]


@pytest.mark.parametrize("weight", ["1.", "1.0000", "2", "x", "", "-1", '"1"'])
def test_an_invalid_weight_is_ignored(weight: str) -> None:
    assert list(parse_accept(f"a/b;q={weight}")) == [MediaRange("a/b")]


@pytest.mark.parametrize(
    "text",
    [
        *('"' * 60_000, 'a/b;c="' * 8_000, "a/b;" * 15_000, ";" * 60_000),
        *("a" * 60_000, "a/" + "b" * 60_000 + " c", "a/b" + " " * 60_000 + "c"),
        *("a/b;" + "c" * 60_000, "a/b" + "; " * 30_000, "a/b;q=" + "9" * 60_000),
    ],
)
def test_a_hostile_header_is_parsed_in_linear_time(text: str) -> None:
    assert all(each.weight == 1.0 for each in parse_accept(text))


def test_accept_encoding_has_weights() -> None:
    assert parse_weights("gzip;q=0.5, ZSTD , br;x=1, *;q=0") == {
        "gzip": 0.5, "zstd": 1.0, "br": 1.0, "*": 0.0,
    }  # fmt: skip
