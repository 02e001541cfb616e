"""Tables of upgrades: read as they are meant, or refused by file, line and column."""

from pathlib import Path

import pytest
from graphql import GraphQLInputObjectType, get_named_type

from gateway.client.table_columns import COLUMNS
from gateway.client.upgrade_table import TableError, read_upgrades
from tests.support.upstream import cached_graph

HEADER = "customerId,subscriptionId,targetOfferId,upgradeType,quantity"
LINE = {
    "customerId": "c",
    "subscriptionId": "s",
    "targetOfferId": "o",
    "upgradeType": "UPGRADE_ONLY",
}


def quantities(*lines: str) -> list[object]:
    return [upgrade.get("quantity") for upgrade in read_upgrades(lines, "table.csv").values()]


def refusal(*lines: str) -> str:
    with pytest.raises(TableError) as refused:
        read_upgrades(lines, "table.csv")
    return str(refused.value)


def test_columns_are_read_in_any_order() -> None:
    text = [
        "upgradeType,customerId,subscriptionId,targetOfferId,quantity",
        "UPGRADE_ONLY,c,s,o,5",
        "UPGRADE_ONLY,c,t,o,",
    ]
    found = read_upgrades(text, "")
    assert found == {
        2: {**LINE, "quantity": 5},
        3: {**LINE, "subscriptionId": "t"},
    }


@pytest.mark.parametrize(
    "name", ["Quantity", " quantity", "QUANTITY ", "quantity\N{NO-BREAK SPACE}", ' "quantity"']
)
def test_column_names_are_matched_without_case_and_outer_blanks(name: str) -> None:
    header = f"CUSTOMERID, SubscriptionId,targetOfferId ,upgradetype,{name}"
    assert read_upgrades([header, "c,s,o,UPGRADE_ONLY,5"], "") == {2: {**LINE, "quantity": 5}}


def test_without_a_column_of_quantities_none_is_given() -> None:
    assert read_upgrades([HEADER.removesuffix(",quantity"), "c,s,o,UPGRADE_ONLY"], "") == {2: LINE}


@pytest.mark.parametrize(
    ("cell", "quantity"),
    [("5", 5), (" 5 ", 5), ('"5"', 5), ("", None), ("  ", None), ('""', None), ("007", 7)],
)
def test_a_quantity_is_digits_or_empty(cell: str, quantity: int | None) -> None:
    assert quantities(HEADER, f"c,s,o,UPGRADE_ONLY,{cell}") == [quantity]


@pytest.mark.parametrize(
    "cell",
    [
        '"1,500"',
        "1.500",
        "1 500",
        "1_500",
        "1'500",
        "5.0",
        "5e1",
        "-5",
        "+5",
        "0",
        "\N{SUPERSCRIPT TWO}",
        "\N{ARABIC-INDIC DIGIT FIVE}",
        "2147483648",
        "9" * 5000,
        "many",
        "=5",
        "NaN",
    ],
)
def test_any_other_quantity_is_refused_by_file_line_and_column(cell: str) -> None:
    message = refusal(HEADER, "c,s,o,UPGRADE_ONLY,1", f"c,s,o,UPGRADE_ONLY,{cell}")
    assert message.startswith("table.csv: line 3, column 5: 'quantity' is ")
    assert "expected a whole number of at least 1" in message
    assert len(message) < 300


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("qty", "unknown column 'qty'. Did you mean 'quantity'? Known columns: customerId, "),
        ("quantities", "Did you mean 'quantity'?"),
        ("idempotencyKey", "unknown column 'idempotencyKey'. Known columns: customerId"),
        ("x" * 500, "unknown column 'xxxx"),
        ("Quantity", "'quantity' is named twice, first in column 5"),
        ("CustomerId", "'customerId' is named twice, first in column 1"),
    ],
)
def test_unknown_misspelt_and_repeated_columns_are_refused(name: str, message: str) -> None:
    text = refusal(f"{HEADER},{name}", "c,s,o,UPGRADE_ONLY,5,6")
    assert text.startswith("table.csv: line 1, column 6: ")
    assert message in text
    assert len(text) < 500


def test_a_misspelled_column_is_reported_with_the_missing_one() -> None:
    text = refusal("customer_id,subscriptionId,targetOfferId,upgradeType", "c,s,o,UPGRADE_ONLY")
    assert "unknown column 'customer_id'. Did you mean 'customerId'?" in text
    assert "missing column: customerId" in text


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("c,s,o,UPGRADE_ONLY,1,500", "line 2, column 6: surplus field '500'"),
        ("c,s,o,UPGRADE_ONLY,5,", "line 2, column 6: surplus field ''"),
        (
            "c,s,o,UPGRADE_ONLY",
            "line 2, column 5: 'quantity' is missing: the line has 4 of 5 fields",
        ),
        ("c,,o,UPGRADE_ONLY,5", "line 2, column 2: 'subscriptionId' is required"),
        ('c,s,o,"UPGRADE_ONLY,5', "line 2 is not CSV: unexpected end of data"),
        ('c,s,o,"UPGRADE_ONLY"x,5', "line 2 is not CSV: ',' expected after"),
    ],
    ids=["surplus", "empty surplus", "short", "empty", "open quote", "text after a quote"],
)
def test_a_line_that_does_not_fit_its_columns_is_refused(line: str, message: str) -> None:
    assert f"table.csv: {message}" in refusal(HEADER, line)


def test_columns_without_a_name_hold_nothing() -> None:
    assert quantities(f"{HEADER},,", "c,s,o,UPGRADE_ONLY,5,,", "c,t,o,UPGRADE_ONLY,6") == [5, 6]
    text = refusal(f"{HEADER},", "c,s,o,UPGRADE_ONLY,1,500")
    assert "line 2, column 6: surplus field '500'" in text


def test_lines_without_text_are_skipped_and_counted() -> None:
    lines = [
        "\n",
        f"{HEADER}\n",
        "\n",
        "c,s,o,UPGRADE_ONLY,5\n",
        ",,,,\n",
        "  \n",
        "c,s,o,UPGRADE_ONLY,x\n",
    ]
    assert "line 7, column 5: 'quantity' is 'x'" in refusal(*lines)
    assert quantities(*lines[:-1]) == [5]


def test_a_subscription_that_stands_twice_is_refused_by_both_lines() -> None:
    text = refusal(HEADER, "", "c,s,o,UPGRADE_ONLY,5", ",,,,", "C,S,other,UPGRADE_ONLY,")
    assert (
        text == "table.csv: line 5: subscription 'S' is upgraded by line 3 too; remove one of them"
    )
    assert quantities(HEADER, "c,s,o,UPGRADE_ONLY,5", "d,s,o,UPGRADE_ONLY,6") == [5, 6]


def test_a_cell_of_several_lines_does_not_shift_the_numbers() -> None:
    text = refusal(f"{HEADER}\n", '"c\n', '",s,o,UPGRADE_ONLY,5\n', "c,s,o,UPGRADE_ONLY,x\n")
    assert "line 4, column 5" in text


@pytest.mark.parametrize(
    ("delimiter", "name"), [(";", "';'"), ("\t", "a tab"), ("|", "'|'"), ('";"', "';'")]
)
def test_another_delimiter_is_named(delimiter: str, name: str) -> None:
    header, line = (text.replace(",", delimiter) for text in (HEADER, "c,s,o,UPGRADE_ONLY,5"))
    assert f"fields are separated by {name}; expected ','" in refusal(f'"{header}"', line)
    assert f"fields are separated by {name}; expected ','" in refusal(header, line)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ([], "the file is empty. Known columns: "),
        (["subscriptionId,targetOfferId"], "missing column: customerId"),
        ([HEADER, ",,,,"], "there is no line after the header"),
        (["x" * 200_000], "line 1 is not CSV: field larger than"),
    ],
    ids=["empty", "columns missing", "no lines", "not CSV"],
)
def test_a_file_that_is_not_a_table_of_upgrades_is_rejected(text: list[str], message: str) -> None:
    assert message in refusal(*text)


def test_only_the_first_of_many_problems_are_listed() -> None:
    text = refusal(HEADER, *["c,s,o,UPGRADE_ONLY,x"] * 30).splitlines()
    assert [line[:18] for line in text[:2]] == ["table.csv: line 2,", "table.csv: line 3,"]
    assert (len(text), text[-1]) == (11, "and 20 more")


def test_a_table_in_another_encoding_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "upgrades.csv"
    file.write_text(HEADER, "utf-16")
    with (
        file.open(encoding="utf-8-sig") as text,
        pytest.raises(TableError, match=r"not UTF-8 \(.*\); save it as 'CSV UTF-8"),
    ):
        read_upgrades(text, "table.csv")


ALL = "customerId,subscriptionId,targetOfferId,upgradeType,quantity,toCatalogItemId,transitionType"


def test_each_member_of_a_line_has_a_column() -> None:
    lines = cached_graph()._schema.type_map["UpgradeLineInput"]
    assert isinstance(lines, GraphQLInputObjectType)
    members = {
        f"{name}.{inner}"
        for name, field in lines.fields.items()
        for inner in getattr(get_named_type(field.type), "fields", {"": None})
    }
    assert set(COLUMNS) == {name.removesuffix(".") for name in members}


def test_a_file_may_mix_orders_of_every_kind() -> None:
    header = f"{ALL},productFamily,kind,attributes.etag"
    found = read_upgrades(
        [
            header,
            "c,s,o,UPGRADE_ONLY,,,,,,",
            "c,t,,,3,a:b:c,TRANSITION_ONLY,,,",
            "c,,,,,,,azure,,",
            "d,,,,,,,,REQUEST_PRODUCT_UPGRADE,W/1",
        ],
        "",
    )
    assert list(found.values()) == [
        LINE,
        {
            "customerId": "c",
            "subscriptionId": "t",
            "quantity": 3,
            "toCatalogItemId": "a:b:c",
            "transitionType": "TRANSITION_ONLY",
        },
        {"customerId": "c", "productFamily": "azure"},
        {
            "customerId": "d",
            "kind": "REQUEST_PRODUCT_UPGRADE",
            "attributes": {"etag": "W/1"},
        },
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "c,s,o,UPGRADE_ONLY,,,TRANSITION_ONLY",
            "column 7: 'transitionType' must be empty, because the line was taken for"
            " UPGRADE_SUBSCRIPTION; empty it, or change 'kind'",
        ),
        (
            "c,s,,,,a:b:c,TRANSITION_ONLY",
            "column 5: 'quantity' is required, because the line was taken for"
            " TRANSITION_SUBSCRIPTION",
        ),
        ("c,s,,,5,,", "subscriptionId needs a target: targetOfferId for an upgrade"),
        ("c,,,,,,", "the line has no subscription with a target; for a product upgrade, set"),
        (
            "c,s,o,UPGRADE,,,",
            "column 4: 'upgradeType' is 'UPGRADE'; expected one of UPGRADE_ONLY, UPGRADE_WITH",
        ),
    ],
    ids=["superfluous", "missing", "no target", "customer alone", "unknown value"],
)
def test_a_line_that_does_not_fit_its_kind_is_refused_by_column(line: str, message: str) -> None:
    text = refusal(ALL, "d,s,o,UPGRADE_ONLY,,,", line)
    assert text.startswith("table.csv: line 3")
    assert message in text


def test_a_file_may_schedule_renewals() -> None:
    header = "customerId,subscriptionId,kind,quantity,replaceScheduledActions,customTermEndDate"
    line = "c,s,SCHEDULE_UPGRADE,4,True,2027-01-31T00:00:00Z"
    assert list(read_upgrades([header, line], "").values()) == [
        {
            "customerId": "c",
            "subscriptionId": "s",
            "kind": "SCHEDULE_UPGRADE",
            "quantity": 4,
            "replaceScheduledActions": True,
            "customTermEndDate": "2027-01-31T00:00:00Z",
        }
    ]
    text = refusal(header, "c,s,SCHEDULE_UPGRADE,4,yes,")
    assert "'replaceScheduledActions' is 'yes'; expected true or false" in text


def test_a_kind_that_is_told_is_named() -> None:
    text = refusal(f"{ALL},kind", "c,s,o,,5,,,TRANSITION_SUBSCRIPTION").splitlines()
    assert [line.split(": ", 2)[2] for line in text] == [
        "'targetOfferId' must be empty, as 'kind' says TRANSITION_SUBSCRIPTION; empty it, or"
        " change 'kind'",
        "'toCatalogItemId' is required, as 'kind' says TRANSITION_SUBSCRIPTION",
        "'transitionType' is required, as 'kind' says TRANSITION_SUBSCRIPTION",
    ]


def test_a_column_that_the_file_lacks_is_named_once() -> None:
    header = "customerId,subscriptionId,toCatalogItemId,transitionType"
    text = refusal(header, "c,s,a:b:c,TRANSITION_ONLY", "c,t,a:b:c,TRANSITION_ONLY")
    assert text == (
        "table.csv: line 2: the column 'quantity', which the file lacks, is required, because the"
        " line was taken for TRANSITION_SUBSCRIPTION"
    )


def test_one_product_family_is_not_upgraded_twice() -> None:
    header = "customerId,productFamily,subscriptionId,targetOfferId,upgradeType"
    text = refusal(header, "c,azure,,,", "c,,s,o,UPGRADE_ONLY", "C,Azure,,,")
    assert text == (
        "table.csv: line 4: customer 'C' has the same product upgrade in line 2 too; remove one"
        " of them"
    )


def test_a_scheduled_change_is_read_with_its_members() -> None:
    header = "customerId,kind,subscriptionId,quantity,customTermEndDate,replaceScheduledActions"
    line = "c,SCHEDULE_UPGRADE,s,5,2027-01-31,true"
    assert read_upgrades([header, line], "")[2] == {
        "customerId": "c",
        "kind": "SCHEDULE_UPGRADE",
        "subscriptionId": "s",
        "quantity": 5,
        "customTermEndDate": "2027-01-31",
        "replaceScheduledActions": True,
    }


@pytest.mark.parametrize("cell", ["soon", "31.01.2027", "2027-02-30", "46053"])
def test_a_date_that_is_none_is_refused_by_file_line_and_column(cell: str) -> None:
    message = refusal(
        "customerId,kind,subscriptionId,customTermEndDate", f"c,SCHEDULE_UPGRADE,s,{cell}"
    )
    assert message.startswith(f"table.csv: line 2, column 4: 'customTermEndDate' is '{cell}'; ")
    assert "expected a date such as 2027-01-31" in message
