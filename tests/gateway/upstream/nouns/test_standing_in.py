"""Decoded models have everything that the types of the graph they stand in for have."""

import dataclasses
from typing import Any, Final

import msgspec
import pytest

from gateway.upstream.nouns import offer, subscription, upgrade, upgrade_result
from gateway.upstream.wire import resource
from schema.offer import Offer, OfferCategory
from tests.support.directory import an_offer

MODULES: Final = (offer, subscription, upgrade, upgrade_result, resource)
# What is decoded when an instance of each model is read.
SMALLEST: Final[dict[str, Any]] = {"id": "some-id", "targetOffer": {"id": "some-id"}}


def standing_in() -> list[type[resource.WireModel]]:
    """List the models that say they are instances of another class."""
    found = [value for module in MODULES for value in vars(module).values()]
    models = {v for v in found if isinstance(v, type) and issubclass(v, resource.WireModel)}
    return sorted((m for m in models if _class_of(m) is not type), key=lambda m: m.__name__)


def _class_of(model: type) -> type:
    stated: type = vars(model).get("__class__", type)
    return stated


def smallest(model: type[resource.WireModel]) -> Any:
    names = {field.encode_name for field in msgspec.structs.fields(model)}
    return msgspec.convert({k: v for k, v in SMALLEST.items() if k in names}, model)


@pytest.mark.parametrize("model", standing_in(), ids=lambda model: model.__name__)
def test_a_model_passes_for_the_type_it_stands_in_for(model: type[resource.WireModel]) -> None:
    noun = _class_of(model)
    read = smallest(model)
    assert isinstance(read, noun)
    assert read.__class__ is noun


@pytest.mark.parametrize("model", standing_in(), ids=lambda model: model.__name__)
def test_a_model_has_every_attribute_of_the_type(model: type[resource.WireModel]) -> None:
    noun = _class_of(model)
    read, fields = smallest(model), dataclasses.fields(noun)
    for field in fields:
        if field.init:  # the others have resolvers
            getattr(read, field.name)
    resolved = {field.name for field in fields if not field.init}
    others = {name for name in vars(noun) if not name.startswith("__")} - resolved
    assert [name for name in others if not hasattr(read, name)] == []


@pytest.mark.parametrize("model", standing_in(), ids=lambda model: model.__name__)
def test_lists_are_lists_and_never_null(model: type[resource.WireModel]) -> None:
    noun = _class_of(model)
    listed = [f.name for f in dataclasses.fields(noun) if f.default_factory is list]
    assert all(getattr(smallest(model), name) == [] for name in listed)


def test_an_offer_belongs_to_the_market_it_was_read_in_or_else_names() -> None:
    sent = msgspec.convert({"id": "a", "country": "DE", "locale": "de-DE"}, offer.Offer)
    assert (sent.market.country, sent.market.locale) == ("DE", "de-DE")
    assert an_offer("a", country="DE").market.country == "US"


def test_several_models_stand_in() -> None:
    assert {_class_of(model) for model in standing_in()} >= {Offer, OfferCategory}
