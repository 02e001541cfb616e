"""Wire models that are used as types of the graph have every attribute of those types."""

import dataclasses
from typing import Any, Final

import msgspec
import pytest

from gateway.upstream.models import offer, resource, subscription, upgrade, upgrade_result
from gateway.upstream.models.base import WireModel
from schema.offer import Offer
from schema.offer_details import OfferCategory
from tests.support.directory import make_offer

MODULES: Final = (offer, subscription, upgrade, upgrade_result, resource)
# The required members of all models.
SMALLEST: Final[dict[str, Any]] = {"id": "some-id", "targetOffer": {"id": "some-id"}}


def models_used_as_graph_types() -> list[type[WireModel]]:
    """List the models that state another class as their own."""
    found = [value for module in MODULES for value in vars(module).values()]
    models = {v for v in found if isinstance(v, type) and issubclass(v, WireModel)}
    return sorted((m for m in models if _class_of(m) is not type), key=lambda m: m.__name__)


def _class_of(model: type) -> type:
    stated: type = vars(model).get("__class__", type)
    return stated


def smallest(model: type[WireModel]) -> Any:
    names = {field.encode_name for field in msgspec.structs.fields(model)}
    return msgspec.convert({k: v for k, v in SMALLEST.items() if k in names}, model)


@pytest.mark.parametrize("model", models_used_as_graph_types(), ids=lambda model: model.__name__)
def test_a_model_is_an_instance_of_its_graph_type(model: type[WireModel]) -> None:
    noun = _class_of(model)
    read = smallest(model)
    assert isinstance(read, noun)
    assert read.__class__ is noun


@pytest.mark.parametrize("model", models_used_as_graph_types(), ids=lambda model: model.__name__)
def test_a_model_has_every_attribute_of_the_type(model: type[WireModel]) -> None:
    noun = _class_of(model)
    read, fields = smallest(model), dataclasses.fields(noun)
    for field in fields:
        if field.init:  # the others have resolvers
            getattr(read, field.name)
    resolved = {field.name for field in fields if not field.init}
    others = {name for name in vars(noun) if not name.startswith("__")} - resolved
    assert [name for name in others if not hasattr(read, name)] == []


@pytest.mark.parametrize("model", models_used_as_graph_types(), ids=lambda model: model.__name__)
def test_lists_are_never_null(model: type[WireModel]) -> None:
    noun = _class_of(model)
    listed = [f.name for f in dataclasses.fields(noun) if f.default_factory is list]
    assert all(getattr(smallest(model), name) == [] for name in listed)


def test_an_offer_has_the_market_it_was_read_in_or_else_names() -> None:
    sent = msgspec.convert({"id": "a", "country": "DE", "locale": "de-DE"}, offer.WireOffer)
    assert (sent.market.country, sent.market.locale) == ("DE", "de-DE")
    assert make_offer("a", country="DE").market.country == "US"


def test_several_models_are_used_as_graph_types() -> None:
    assert {_class_of(model) for model in models_used_as_graph_types()} >= {Offer, OfferCategory}
