"""The words and rates the company is drawn from."""
# ruff: noqa: SIM905 - a list of words is read and extended more easily as a text than as a hundred quoted strings

from dataclasses import dataclass

FIRST_NAMES = tuple(
    "Ada Aiko Amara Anders Beatriz Bruno Carla Chen Daniel Dana Elif Emma Farid Fiona Grace Hana Hugo "
    "Ines Ivan Jana Jonas Kavya Kofi Lara Leo Lin Maya Mateo Mina Nadia Noah Olga Omar Paula Priya "
    "Quentin Rosa Ravi Sara Sven Tariq Tess Uma Victor Wei Yara Yusuf Zoe".split()
)
LAST_NAMES = tuple(
    "Abara Alvarez Berg Bianchi Boateng Brandt Carter Chandra Costa Dubois Egan Eriksen Fischer Fontana "
    "Garcia Gupta Haddad Hansen Ito Ivanova Jensen Kaur Keller Kim Kowalski Laurent Lopez Lund Mbeki "
    "Meyer Moreau Nakamura Nguyen Novak Okafor Olsen Park Patel Petrov Quinn Rossi Sato Schmidt Silva "
    "Singh Tanaka Torres Usman Vargas Weber Wong Yilmaz Zhang".split()
)
COMPANY_HEADS = tuple(
    "Alder Amber Apex Arbor Atlas Beacon Birch Blue Bright Cedar Clear Cobalt Copper Crest Delta Ember "
    "Falcon Fern Flint Granite Harbor Hazel Indigo Iron Juniper Keystone Lark Linden Lumen Maple Meridian "
    "Mosaic North Oak Onyx Orchard Pine Prime Quartz Raven Ridge River Sable Silver Slate Solar Spruce "
    "Sterling Summit Tidal Timber Umber Vale Vertex Willow Zephyr".split()
)
COMPANY_TAILS = tuple(
    "Analytics Bank Biotech Capital Cloud Components Energy Foods Freight Health Insurance Labs Logistics "
    "Media Mobility Motors Networks Optics Pharma Robotics Security Semiconductors Software Steel Systems "
    "Telecom Textiles Tools Trading Works".split()
)
TITLES = (
    "Marketing Manager",
    "Head of Operations",
    "VP Sales",
    "IT Director",
    "Analyst",
    "CFO",
    "Engineer",
    "CMO",
)
INDUSTRIES = ("Software", "Manufacturing", "Financial Services", "Healthcare", "Retail", "Logistics")
PRODUCTS = ("GTX", "GTX Pro", "Insight")
OWNERS = tuple(f"{first} {last}" for first, last in zip(FIRST_NAMES[::6], LAST_NAMES[::6], strict=False))
COUNTRIES = {
    "AMER": ("United States", "Canada", "Brazil"),
    "EMEA": ("Germany", "United Kingdom", "France", "South Africa"),
    "APAC": ("Japan", "Australia", "India", "Singapore"),
}
REGION_WEIGHTS = {"AMER": 0.5, "EMEA": 0.3, "APAC": 0.2}


@dataclass(frozen=True, slots=True)
class Segment:
    """How a kind of customer behaves; `deal` is the median deal in the reporting currency."""

    weight: float
    deal: int
    employees: tuple[int, int]
    factor: float


SEGMENTS = {
    "Enterprise": Segment(0.2, 60_000, (2_000, 40_000), 0.9),
    "Mid-Market": Segment(0.35, 22_000, (200, 1_999), 1.1),
    "SMB": Segment(0.45, 8_000, (5, 199), 1.0),
}


@dataclass(frozen=True, slots=True)
class Channel:
    """How a channel behaves: its share of leads, how well its leads convert, and what a lead costs."""

    weight: float
    factor: float
    source: str
    medium: str
    hubspot_source: str
    salesforce_source: str
    # Where its campaigns spend, with the UTM source of the links there; empty: it has no campaigns.
    platforms: tuple[tuple[str, str, float], ...] = ()
    cost_per_lead: int = 0
    click_price: float = 0.0


# (platform, UTM source, share of the channel)
SOCIAL = (("linkedin_ads", "linkedin", 0.75), ("meta_ads", "facebook", 0.25))
SEARCH = (("google_ads", "google", 0.8), ("microsoft_ads", "bing", 0.2))
CHANNELS = {
    "paid_social": Channel(
        0.24, 0.85, "linkedin", "paid_social", "PAID_SOCIAL", "Paid Social", SOCIAL, 240, 9.5
    ),
    "paid_search": Channel(0.20, 1.05, "google", "cpc", "PAID_SEARCH", "Paid Search", SEARCH, 190, 6.2),
    "organic_search": Channel(0.22, 1.1, "google", "organic", "ORGANIC_SEARCH", "Organic Search"),
    "email": Channel(
        0.10, 1.0, "newsletter", "email", "EMAIL_MARKETING", "Email", (("email", "newsletter", 1.0),), 30, 0.4
    ),
    "events": Channel(
        0.07, 1.3, "tradeshow", "event", "OFFLINE", "Event", (("events", "tradeshow", 1.0),), 520, 0.0
    ),
    "referral": Channel(0.07, 1.25, "partner.example", "referral", "REFERRALS", "Referral"),
    "direct": Channel(0.10, 1.0, "(direct)", "(none)", "DIRECT_TRAFFIC", "Direct"),
}
MARKETING_CHANNELS = frozenset(CHANNELS) - {"direct"}

ASSETS = (
    ("whitepaper", "The GTX Pro buying guide"),
    ("whitepaper", "State of the factory floor"),
    ("whitepaper", "Security checklist"),
    ("webinar", "From pilot to plant"),
    ("webinar", "Insight in an hour"),
    ("case_study", "How Meridian Foods saved a shift"),
    ("case_study", "Northern Freight goes live"),
    ("blog", "Ten questions before you buy"),
    ("blog", "What a sensor costs"),
    ("video", "GTX in two minutes"),
    ("video", "A tour of Insight"),
    ("demo", "Book a demo"),
)
PROGRAMS = ("GTX Pro launch", "Insight expansion")
