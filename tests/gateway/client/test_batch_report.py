"""The report on the lines of a batch."""

import csv
import io
from typing import Any

from gateway.client.batch_report import build_report, write_report

ORDER = {
    "customerId": "c",
    "subscriptionId": "s",
    "targetOfferId": "o",
    "toCatalogItemId": None,
    "productFamily": None,
}


def found(state: str, **others: Any) -> dict[str, Any]:
    return {
        "id": "op-1",
        "kind": "UPGRADE_SUBSCRIPTION",
        "state": state,
        "order": ORDER,
        "result": None,
        "transition": None,
        "failure": None,
        "waitingFor": None,
        "attempts": [],
        **others,
    }


REFUSED = found("REFUSED", failure={"code": "NOT_ELIGIBLE", "message": "why\nnot"})


def test_a_line_is_reported_by_its_number_in_the_file_with_its_reason() -> None:
    (line,) = build_report([(2, REFUSED)], [2, 4, 5])
    assert line.format("a.csv") == "a.csv:4: REFUSED c s NOT_ELIGIBLE: why not"
    assert not line.is_done


def test_without_a_file_a_line_is_reported_by_its_number_in_the_batch() -> None:
    (line,) = build_report([(2, REFUSED)])
    assert line.format("line").startswith("line:2: REFUSED")


def test_a_line_in_doubt_is_reported_with_a_remedy() -> None:
    failure = {"code": "OUTCOME_UNKNOWN", "message": "It is not known."}
    (line,) = build_report([(1, found("IN_DOUBT", failure=failure))])
    assert line.code == "OUTCOME_UNKNOWN"
    assert (
        line.message == "It is not known. Settle it with 'upgrade-gateway operations settle op-1'."
    )


def test_a_report_is_a_table_that_runs_nothing_in_a_spreadsheet() -> None:
    done = found("DONE", result={"targetSubscriptionId": "t"})
    evil = found("REFUSED", failure={"code": "X", "message": "=1+1"})
    file = io.StringIO(newline="")
    write_report(build_report([(1, done), (2, evil)], [2, 3]), file)
    rows = list(csv.DictReader(io.StringIO(file.getvalue())))
    assert [(row["line"], row["state"], row["code"]) for row in rows] == [
        ("2", "DONE", ""),
        ("3", "REFUSED", "X"),
    ]
    assert (rows[0]["targetSubscriptionId"], rows[1]["message"]) == ("t", "'=1+1")


def test_lines_of_every_kind_have_their_target() -> None:
    nothing = dict.fromkeys(ORDER)
    item = {**nothing, "customerId": "c", "subscriptionId": "s", "toCatalogItemId": "a:b:c"}
    family = {**nothing, "customerId": "c", "productFamily": "azure"}
    lines = build_report(
        [
            (1, found("DONE", result={"targetSubscriptionId": "t"})),
            (2, found("DONE", order=item, transition={"toSubscriptionId": "u"})),
            (3, found("FAILED", order=family, failure={"code": "FAILED_UPSTREAM", "message": "x"})),
        ]
    )
    assert [(line.target, line.targetSubscriptionId) for line in lines] == [
        ("o", "t"),
        ("a:b:c", "u"),
        ("azure", ""),
    ]
    assert lines[2].format("line") == "line:3: FAILED c azure FAILED_UPSTREAM: x"
