"""Invented names of companies and people, and the mail domains that they write from."""

import numpy as np


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST = _words(
    """
    Ada Amir Ana Anders Aya Bea Ben Carla Chen Chidi Clara Dana David Diego Elena Emeka Emil Esra Eva Farid Femi
    Finn Freya Gabriel Grace Hana Hugo Ida Igor Ines Isak Ivan Jana Jonas Jun Kai Karim Kofi Lara Leila Leo Lin Luca
    Lucia Maja Malik Marco Maria Mei Mila Mina Nadia Naomi Nia Nils Noor Olga Omar Oscar Paula Petra Priya Rafael
    Ravi Rosa Samir Sana Sara Sofia Tariq Theo Tomas Uma Vera Victor Wei Yara Yuki Yusuf Zoe
    """
)
LAST = _words(
    """
    Abara Adler Alvarez Andersen Bakker Banerjee Bauer Berg Blanc Bose Castillo Chaudhry Costa Dahl Diaz Dubois Eze
    Farkas Fischer Fontaine Garcia Gomes Haddad Hansen Hayashi Horvat Hughes Iversen Iyer Jansen Kaya Keller Khan
    Kimura Kowalski Laurent Lindqvist Lopez Madsen Mbeki Mendes Meyer Moreau Mwangi Nakamura Novak Nguyen Oduya
    Okafor Olsen Ortiz Park Patel Pereira Popescu Quist Rahman Ramos Reyes Rossi Sato Schmidt Silva Singh Smit
    Sorensen Takeda Tanaka Thapa Toure Vargas Virtanen Wagner Walsh Weber Wolff Yilmaz Zhang
    """
)
_HEADS = _words(
    """
    Amber Anchor Arbor Aspen Atlas Beacon Birch Blue Boreal Bramble Bright Cedar Cinder Clear Cobalt Copper Coral
    Crane Crest Dapple Delta Drift Dune Echo Elm Ember Falcon Fern Field Flint Fox Gale Glen Granite Grove Harvest
    Hazel Heron High Hollow Indigo Iron Ivory Juniper Kestrel Lark Laurel Linden Long Lumen Maple Marble Marlin
    Meadow Merit Mistral Moss North Nova Oak Ochre Olive Onyx Opal Orchard Osprey Otter Pine Plover Prairie Quartz
    Quill Raven Reef Ridge River Rowan Rust Sable Sage Salt Sand Silver Slate Sparrow Spruce Stone Summit Swift Teal
    Thistle Timber Umber Vale Violet Walnut Water West Willow Winter Wren Yarrow
    """
)
_TAILS = _words(
    """
    bay bridge brook cart crate dale dock ferry field forge freight gate goods haven hill house ladder lane ledger
    light line market mill path parcel pier point port post quay road row shelf shop ship spring stack stream supply
    trade track vault ware way wharf works yard
    """
)
_SUFFIXES = ("Inc", "LLC", "Ltd", "GmbH", "BV", "AB", "SAS", "", "", "", "Co", "Group")
_DOMAINS = (".com",) * 11 + (
    ".io",
    ".io",
    ".co",
    ".net",
    ".co.uk",
    ".de",
    ".eu",
    ".nl",
    ".co.jp",
    ".com.au",
    ".dev",
    ".shop",
)
FREE_MAIL = ("gmail.com",) * 9 + (
    "outlook.com",
    "outlook.com",
    "hotmail.com",
    "yahoo.com",
    "icloud.com",
    "proton.me",
    "gmx.de",
    "qq.com",
)
DISPOSABLE_MAIL = ("mailinator.com", "guerrillamail.com", "yopmail.com")
SHARED_DOMAINS = ("github.io", "myshopify.com", "web.app")


def company_names(rng: np.random.Generator, count: int) -> list[tuple[str, str]]:
    """`count` distinct companies as (name with its legal suffix, domain)."""
    pairs = rng.permutation(len(_HEADS) * len(_TAILS))[:count]
    suffixes = rng.integers(0, len(_SUFFIXES), count)
    endings = rng.integers(0, len(_DOMAINS), count)
    found = []
    for pair, suffix, ending in zip(pairs, suffixes, endings, strict=True):
        stem = _HEADS[pair // len(_TAILS)] + _TAILS[pair % len(_TAILS)]
        name = f"{stem} {_SUFFIXES[suffix]}".strip()
        found.append((name, stem.lower() + _DOMAINS[ending]))
    return found


def person(rng: np.random.Generator) -> tuple[str, str]:
    """A first and a last name."""
    return FIRST[rng.integers(len(FIRST))], LAST[rng.integers(len(LAST))]


def spelled_otherwise(name: str, rng: np.random.Generator) -> str:
    """A company's name as somebody types it: without the suffix, in capitals, with a dot, or as it is."""
    bare = name.rsplit(" ", 1)[0] if " " in name else name
    return (name, name, bare, bare, bare.upper(), f"{name}.", bare.lower())[rng.integers(7)]
