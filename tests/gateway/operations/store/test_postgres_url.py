import pytest

from gateway.operations.store.postgres_url import parse_postgres_url


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg", "PostgreSQL"])
def test_every_scheme_of_postgresql_is_accepted(scheme: str) -> None:
    assert parse_postgres_url(f"{scheme}://host/name") == {"host": "host", "dbname": "name"}


@pytest.mark.parametrize(
    ("written", "parameters"),
    [
        (
            "//a%20b:c%2Fd%40%20e@host:5433/my%20data",
            {"user": "a b", "password": "c/d@ e", "host": "host", "port": "5433"}
            | {"dbname": "my data"},
        ),
        ("/name", {"dbname": "name"}),
        ("//user@/name", {"user": "user", "dbname": "name"}),
        ("//host?dbname=name", {"host": "host", "dbname": "name"}),
        ("//host:/name", {"host": "host", "dbname": "name"}),
        (
            "//%2Fvar%2Frun%2Fpostgresql:5433/name",
            {"host": "/var/run/postgresql", "port": "5433", "dbname": "name"},
        ),
        (
            "//user@/name?host=/var/run/postgresql",
            {"user": "user", "host": "/var/run/postgresql", "dbname": "name"},
        ),
        ("//ignored/name?host=%2Frun", {"host": "/run", "dbname": "name"}),
        ("//[::1]:5/name", {"host": "::1", "port": "5", "dbname": "name"}),
        ("//one:1,two:2/name", {"host": "one,two", "port": "1,2", "dbname": "name"}),
        ("//one,[::1]:2/name", {"host": "one,::1", "port": ",2", "dbname": "name"}),
        ("///name?host=one&host=two", {"host": "one,two", "dbname": "name"}),
        ("///name?host=one,two&port=5", {"host": "one,two", "port": "5", "dbname": "name"}),
        (
            "///name?host=one&host=two&port=1&port=2",
            {"host": "one,two", "port": "1,2", "dbname": "name"},
        ),
        (
            "///name?host=one:1&host=[::1]:2&host=/run",
            {"host": "one,::1,/run", "port": "1,2,", "dbname": "name"},
        ),
        (
            "//one,two/name?target_session_attrs=any",
            {"host": "one,two", "port": ",", "target_session_attrs": "any", "dbname": "name"},
        ),
        (
            "//host/name?options=-c%20a%3D1",
            {"options": "-c a=1", "host": "host", "dbname": "name"},
        ),
        (
            "//host/name?options=-c+a%3D1&options=-c+b%3D2",
            {"options": "-c a=1 -c b=2", "host": "host", "dbname": "name"},
        ),
        ("//host/name?ssl=true", {"sslmode": "require", "host": "host", "dbname": "name"}),
        ("//host/name?", {"host": "host", "dbname": "name"}),
    ],
)
def test_a_url_is_parsed_into_the_parameters_that_it_names(
    written: str, parameters: dict[str, str]
) -> None:
    prefix = "postgresql:" if written.startswith("//") else "postgresql://"
    assert parse_postgres_url(f"{prefix}{written}") == parameters


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("postgresql://host", "expected sqlite:///path"),
        ("postgresql://host/", "expected sqlite:///path"),
        ("postgresql+asyncpg://host/name", "without a driver name"),
        ("postgresql+psycopg2://host/name", "without a driver name"),
        ("postgresql://host:port/name", "ports from 1 to 65535"),
        ("postgresql://host:99999/name", "ports from 1 to 65535"),
        ("postgresql:///name?host=one&host=other:2:3", "hosts that are names"),
        ("postgresql:///name?host=other:2&port=4", "not both"),
        ("postgresql://one:1,two:2/name?port=1,2,3", "2 hosts and 3 ports"),
        ("postgresql://host/name?sslmode=require&sslmode=disable", "'sslmode' is given 2 times"),
        ("postgresql://host/name?schema=other", "'schema' is not supported"),
        ("postgresql://host/name?pgbouncer=true", "'pgbouncer' is not supported"),
        ("postgresql://host/name?replication=database", "'replication' is not supported"),
        ("postgresql://host/name?client_encoding=latin1", "'client_encoding' is not supported"),
        ("postgresql://host/name?sslmode", "expected parameters such as"),
        ("postgresql://user:a b@host/name", "percent-encoded"),
        ("postgresql://user:a%b@host/name", "percent-encoded"),
        ("postgresql://user%FF@host/name", "expected sqlite:///path"),
        ("postgresql://user%00@host/name", "expected sqlite:///path"),
    ],
)
def test_an_unsupported_parameter_is_named(written: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_postgres_url(written)


@pytest.mark.parametrize(
    "written",
    [
        "postgresql://user:se/cret@host/name",
        "postgresql://user:se?cret@host/name",
        "postgresql://user:cret/name",
        "postgresql://user:cret@host",
        "postgresql://host/name?password=se&cret=1",
        "postgresql://host/name?password=se&cret",
        "postgresql://host/name?sslpassword=a&cret=1",
        "postgresql://host/name?user=a&cret@b=1",
        "postgresql+psycopg2://user:cret@host/name",
        "postgresql://user:cret%FF@host/name",
    ],
)
def test_errors_quote_nothing_that_may_be_a_password(written: str) -> None:
    with pytest.raises(ValueError, match="expected") as raised:
        parse_postgres_url(written)
    assert "cret" not in str(raised.value)
    assert raised.value.__cause__ is None
