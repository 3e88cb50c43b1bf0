"""Who else is in the room: stakeholders of each API, competitors and scrapers, readers who never called, end users, regulated data."""

from pages.shared import end_user_parts, filters, regulated_parts, scraper_parts, stakeholder_parts, visitor_parts

PARTS = {
    "map": ("Stakeholders", stakeholder_parts),
    "scrapers": ("Competitors and scrapers", scraper_parts),
    "visitors": ("Visitors", visitor_parts),
    "end_users": ("End users", end_user_parts),
    "regulated": ("Regulated data", regulated_parts),
}

part = filters.tabs("part", {name: label for name, (label, _) in PARTS.items()}, "map")
PARTS[part][1].draw(filters.view())
