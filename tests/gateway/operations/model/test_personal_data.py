import json
from typing import Any

import pytest

from gateway.operations.model.personal_data import without_personal_data

NAME, EMAIL = 'Zoë "Z" Müller', "zoe@contoso.example"


def result(body: object) -> str:
    """A stored result; the body is also the response to its only attempt."""
    text = body if isinstance(body, str) else json.dumps(body)
    attempt = {"announcement": {"number": 1}, "sent": {"outcome": "SUCCEEDED", "body": text}}
    ending = {"state": "DONE_WITH_LICENSE_ERRORS", "body": text, "reference": "target"}
    return json.dumps({"ending": ending, "attempts": [attempt], "quantity": 3})


def license_error(**members: Any) -> dict[str, Any]:
    return {"userObjectId": "user-1", "name": NAME, "email": EMAIL, **members}


def test_names_and_addresses_are_removed_wherever_the_response_is_stored() -> None:
    errors = [{"code": "1", "description": f"{NAME} <{EMAIL}> has another license"}]
    body = {"targetSubscriptionId": "target", "licenseErrors": [license_error(errors=errors)]}
    cleaned = without_personal_data(result(body))

    assert EMAIL not in cleaned
    assert "ller" not in cleaned
    stored = json.loads(cleaned)
    assert stored["quantity"] == 3
    assert stored["ending"]["body"] == stored["attempts"][0]["sent"]["body"]
    kept = json.loads(stored["ending"]["body"])
    assert kept["targetSubscriptionId"] == "target"
    (error,) = kept["licenseErrors"]
    assert error["userObjectId"] == "user-1"
    assert error["errors"][0]["description"] == "(deleted) <(deleted)> has another license"
    assert without_personal_data(cleaned) == cleaned


def test_members_in_any_case_are_found() -> None:
    body = {"LicenseErrors": [{"UserObjectId": "user-1", "Name": NAME, "Email": EMAIL}]}
    cleaned = json.loads(without_personal_data(result(body)))
    assert json.loads(cleaned["ending"]["body"]) == {"LicenseErrors": [{"UserObjectId": "user-1"}]}


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no JSON",
        {"licenseErrors": None},
        {"licenseErrors": []},
        {"licenseErrors": ["text", {"userObjectId": "user-1", "name": None}]},
        {"name": NAME, "targetSubscriptionId": "target"},
    ],
)
def test_a_response_without_personal_data_is_unchanged(body: object) -> None:
    assert without_personal_data(result(body)) == result(body)
