import pytest

from gateway.sandbox.catalog import LOCALES, Catalog, load_catalog


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def test_the_catalog_has_at_least_sixty_offers(catalog: Catalog) -> None:
    assert len(catalog.offers) >= 60
    assert len({offer.id for offer in catalog.offers.values()}) == len(catalog.offers)


def test_every_reference_to_an_offer_or_product_exists(catalog: Catalog) -> None:
    for offer in catalog.offers.values():
        assert {*offer.upgrades, *offer.prerequisites} <= catalog.offers.keys()
        assert offer.category_id in {"", *catalog.categories}
    for product in catalog.products.values():
        assert set(product.upgrades) <= catalog.products.keys()


def test_every_offer_has_texts_in_every_locale(catalog: Catalog) -> None:
    for offer in catalog.offers.values():
        for locale in LOCALES:
            assert offer.names[locale]
            assert offer.descriptions[locale]
    translated = [o for o in catalog.offers.values() if len(set(o.descriptions.values())) == 2]
    assert len(translated) == len(catalog.offers)


def test_ids_of_offers_and_products_are_compared_without_case(catalog: Catalog) -> None:
    found = catalog.find_offer("91fd106f-4b2c-4938-95ac-f54f74e9a239")
    assert found is catalog.offers["o365-e1"]
    assert catalog.find_offer("ms-azr-0145p") is catalog.offers["azure"]
    assert catalog.find_sku("cfq7ttc0lf8q", "0001") is catalog.products["o365-e1"]
    assert catalog.list_skus("cfq7ttc0lf8q") == [catalog.products["o365-e1"]]
    assert catalog.find_offer("nothing") is None
    assert catalog.find_sku("nothing", "0001") is None


def test_add_ons_are_found_by_their_prerequisite(catalog: Catalog) -> None:
    add_ons = catalog.list_add_ons(catalog.offers["o365-e1"])
    assert catalog.offers["archiving"] in add_ons
    assert all(each.is_add_on for each in add_ons)


def test_some_offers_are_sold_in_one_country_only(catalog: Catalog) -> None:
    assert catalog.offers["rms-gov"].is_sold_in("US")
    assert not catalog.offers["rms-gov"].is_sold_in("DE")
    assert catalog.offers["o365-e1"].is_sold_in("DE")
