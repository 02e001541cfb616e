from gateway.settings import PartnerSettings


def test_the_line_feed_at_the_end_of_a_token_is_not_part_of_it() -> None:
    partner = PartnerSettings.model_validate({"auth": "static", "token": "abc\n"})
    assert partner.token.get_secret_value() == "abc"
