"""Generates names and addresses of companies and people, by country."""

from dataclasses import dataclass
from typing import Final

from gateway.sandbox.identity import guid_for_index, seeded_random
from gateway.sandbox.records import Profile


@dataclass(frozen=True, slots=True)
class _Country:
    culture: str
    company_words: tuple[str, ...]
    industries: tuple[str, ...]
    legal_forms: tuple[str, ...]
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    streets: tuple[str, ...]
    cities: tuple[tuple[str, str, str], ...]
    phone_prefix: str


_COUNTRIES: Final = {
    "US": _Country(
        culture="en-US",
        company_words=(
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
        industries=(
            *("Dental", "Logistics", "Accounting", "Architects", "Insurance", "Manufacturing"),
            *("Foods", "Medical", "Engineering", "Realty", "Legal", "Outfitters", "Printing"),
        ),
        legal_forms=("LLC", "Inc.", "Group", "Partners", "Co."),
        first_names=("Ada", "Carlos", "Dana", "Eli", "Grace", "Jamal", "Mei", "Olivia", "Priya"),
        last_names=("Baker", "Chen", "Garcia", "Johnson", "Miller", "Nguyen", "Patel", "Reed"),
        streets=("Main Street", "Oak Avenue", "Market Street", "Pine Road", "Lake Drive"),
        cities=(
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
        company_words=(
            *("Nordlicht", "Rheintal", "Alster", "Schwarzwald", "Hansa", "Isar", "Elbe", "Main"),
            *("Bergmann", "Weber", "Lindner", "Havel", "Ostsee"),
        ),
        industries=(
            *("Logistik", "Maschinenbau", "Steuerberatung", "Versicherungen", "Elektrotechnik"),
            *("Feinkost", "Medizintechnik", "Immobilien", "Druckerei", "Werkzeuge", "Planung"),
        ),
        legal_forms=("GmbH", "AG", "GmbH & Co. KG", "KG", "e. K."),
        first_names=("Anna", "Emre", "Jonas", "Katrin", "Lukas", "Miriam", "Stefan", "Ulrike"),
        last_names=("Becker", "Fischer", "Hoffmann", "Kaya", "Neumann", "Schmidt", "Vogel"),
        streets=("Bahnhofstraße", "Lindenweg", "Hauptstraße", "Am Markt", "Gartenstraße"),
        cities=(
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
    """Generate the profile of the customer at `index`, with the given name and country if any."""
    rng = seeded_random("profile", seed, index)
    country = country or ("DE" if rng.random() < _GERMAN_SHARE else "US")
    country_data = _COUNTRIES[country]
    generated_name = " ".join(
        map(
            rng.choice,
            (country_data.company_words, country_data.industries, country_data.legal_forms),
        )
    )
    name = company_name or generated_name
    city, region, postal_code = rng.choice(country_data.cities)
    return Profile(
        index=index,
        id=guid_for_index(seed, index),
        company_name=name,
        domain=f"{_to_domain_label(name)}{index}.onmicrosoft.com",
        country=country,
        culture=country_data.culture,
        first_name=rng.choice(country_data.first_names),
        last_name=rng.choice(country_data.last_names),
        street=f"{rng.randint(1, 199)} {rng.choice(country_data.streets)}",
        city=city,
        region=region,
        postal_code=postal_code,
        phone=f"{country_data.phone_prefix}{rng.randint(0, 9999):04d}",
    )


def create_people(*parts: object, count: int) -> list[tuple[str, str]]:
    """Generate `count` pairs of a first and a last name."""
    rng = seeded_random("people", *parts)
    country_data = _COUNTRIES["US"]
    return [
        (rng.choice(country_data.first_names), rng.choice(country_data.last_names))
        for _ in range(count)
    ]


def _to_domain_label(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isascii() and letter.isalnum())
