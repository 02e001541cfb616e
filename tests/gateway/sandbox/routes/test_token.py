import httpx
import pytest

from gateway.sandbox.app import Sandbox
from gateway.sandbox.faults import Fault, FaultKind


@pytest.fixture
def form(sandbox: Sandbox) -> dict[str, str]:
    credentials = sandbox.options.credentials
    return {
        "grant_type": "refresh_token",
        "refresh_token": credentials.refresh_token,
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
        "resource": "http://sandbox.test",
    }


@pytest.mark.parametrize("version", ["oauth2/token", "oauth2/v2.0/token"])
async def test_an_issued_token_is_accepted_until_it_expires(
    api: httpx.AsyncClient, sandbox: Sandbox, form: dict[str, str], version: str
) -> None:
    tenant = sandbox.options.credentials.tenant_id
    response = await api.post(f"/{tenant}/{version}", data=form)
    headers = {"Authorization": f"Bearer {response.json()['access_token']}"}
    assert (await api.get("/v1/customers", headers=headers)).status_code == 200
    sandbox.clock.advance(3600)
    assert (await api.get("/v1/customers", headers=headers)).status_code == 401


async def test_a_token_for_the_retired_audience_is_issued_but_rejected_by_the_api(
    api: httpx.AsyncClient, form: dict[str, str]
) -> None:
    form["resource"] = "https://graph.windows.net"
    token = (await api.post("/common/oauth2/token", data=form)).json()["access_token"]
    response = await api.get("/v1/customers", headers={"Authorization": f"Bearer {token}"})
    assert (response.status_code, response.json()["code"]) == (401, 900420)


async def test_a_rejected_token_request_has_the_platforms_error_body(
    api: httpx.AsyncClient, form: dict[str, str]
) -> None:
    form["refresh_token"] = "dead"
    response = await api.post("/common/oauth2/token", data=form)
    assert response.status_code == 400
    assert response.json().keys() == {
        "error",
        "error_description",
        "error_codes",
        "timestamp",
        "trace_id",
        "correlation_id",
    }


async def test_faults_affect_token_requests(
    api: httpx.AsyncClient, sandbox: Sandbox, form: dict[str, str]
) -> None:
    sandbox.faults.add(
        Fault(FaultKind.TOKEN_ERROR, operation="token"),
        Fault(FaultKind.STATUS, operation="token", skip=1, status=503),
        Fault(FaultKind.CUT_BEFORE, operation="token", skip=2),
    )
    first, second = [await api.post("/common/oauth2/token", data=form) for _ in range(2)]
    assert (first.status_code, first.json()["error"]) == (400, "invalid_grant")
    assert second.status_code == 503
    with pytest.raises(ConnectionAbortedError):
        await api.post("/common/oauth2/token", data=form)
    assert [call.status for call in sandbox.calls.token_requests] == [400, 503, None]
