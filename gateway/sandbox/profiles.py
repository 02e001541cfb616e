"""Invented companies and people, plausible in their country."""

from dataclasses import dataclass
from typing import Final

from gateway.sandbox.identity import indexed_guid, seeded_random
from gateway.sandbox.records import Profile


@dataclass(frozen=True, slots=True)
class _Country:
    culture: str
    heads: tuple[str, ...]
    trades: tuple[str, ...]
    forms: tuple[str, ...]
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    streets: tuple[str, ...]
    places: tuple[tuple[str, str, str], ...]
    phone_prefix: str


_LANDS: Final = {
    "US": _Country(
        culture="en-US",
        heads=(
            *(
                "Harbor Street",
                "Blue Yonder",
                "Cascade",
                "Lakeshore",
                "Redwood",
                "Summit",
                "Prairie",
            ),
            *("Granite", "Bayside", "Maple Grove", "Silver Creek", "Northgate", "Evergreen"),
        ),
        trades=(
            *("Dental", "Logistics", "Accounting", "Architects", "Insurance", "Manufacturing"),
            *("Foods", "Medical", "Engineering", "Realty", "Legal", "Outfitters", "Printing"),
        ),
        forms=("LLC", "Inc.", "Group", "Partners", "Co."),
        first_names=("Ada", "Carlos", "Dana", "Eli", "Grace", "Jamal", "Mei", "Olivia", "Priya"),
        last_names=("Baker", "Chen", "Garcia", "Johnson", "Miller", "Nguyen", "Patel", "Reed"),
        streets=("Main Street", "Oak Avenue", "Market Street", "Pine Road", "Lake Drive"),
        places=(
            ("Redmond", "WA", "98052"),
            ("Austin", "TX", "78701"),
            ("Denver", "CO", "80202"),
            ("Columbus", "OH", "43215"),
            ("Portland", "OR", "97204"),
        ),
        phone_prefix="425555",
    ),
    "DE": _Country(
        culture="de-DE",
        heads=(
            *("Nordlicht", "Rheintal", "Alster", "Schwarzwald", "Hansa", "Isar", "Elbe", "Main"),
            *("Bergmann", "Weber", "Lindner", "Havel", "Ostsee"),
        ),
        trades=(
            *("Logistik", "Maschinenbau", "Steuerberatung", "Versicherungen", "Elektrotechnik"),
            *("Feinkost", "Medizintechnik", "Immobilien", "Druckerei", "Werkzeuge", "Planung"),
        ),
        forms=("GmbH", "AG", "GmbH & Co. KG", "KG", "e. K."),
        first_names=("Anna", "Emre", "Jonas", "Katrin", "Lukas", "Miriam", "Stefan", "Ulrike"),
        last_names=("Becker", "Fischer", "Hoffmann", "Kaya", "Neumann", "Schmidt", "Vogel"),
        streets=("Bahnhofstraße", "Lindenweg", "Hauptstraße", "Am Markt", "Gartenstraße"),
        places=(
            ("Hamburg", "HH", "20095"),
            ("Köln", "NW", "50667"),
            ("München", "BY", "80331"),
            ("Leipzig", "SN", "04109"),
            ("Stuttgart", "BW", "70173"),
        ),
        phone_prefix="4930555",
    ),
}
_GERMAN_SHARE: Final = 0.35


def create_profile(seed: int, index: int, company_name: str = "", country: str = "") -> Profile:
    """Invent the customer at `index`; a given company name or country is kept."""
    throw = seeded_random("profile", seed, index)
    country = country or ("DE" if throw.random() < _GERMAN_SHARE else "US")
    land = _LANDS[country]
    invented = " ".join(map(throw.choice, (land.heads, land.trades, land.forms)))
    name = company_name or invented
    city, region, postal_code = throw.choice(land.places)
    return Profile(
        index=index,
        id=indexed_guid(seed, index),
        company_name=name,
        domain=f"{_label(name)}{index}.onmicrosoft.com",
        country=country,
        culture=land.culture,
        first_name=throw.choice(land.first_names),
        last_name=throw.choice(land.last_names),
        street=f"{throw.randint(1, 199)} {throw.choice(land.streets)}",
        city=city,
        region=region,
        postal_code=postal_code,
        phone=f"{land.phone_prefix}{throw.randint(0, 9999):04d}",
    )


def create_people(*parts: object, count: int) -> list[tuple[str, str]]:
    """Invent `count` persons as pairs of first and last name."""
    throw = seeded_random("people", *parts)
    land = _LANDS["US"]
    return [(throw.choice(land.first_names), throw.choice(land.last_names)) for _ in range(count)]


def _label(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isascii() and letter.isalnum())
