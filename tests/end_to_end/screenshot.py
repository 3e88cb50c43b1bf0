"""Makes the README's picture of the tier board from a demo home: python -m tests.end_to_end.screenshot HOME FILE."""

import sys
from pathlib import Path

from tests.end_to_end import browser

WIDTH, HEIGHT = 1440, 900


def take(home: Path, file: Path) -> None:
    """Open the tier board as a visitor does and save what is seen, the chart included."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with browser.dashboard(home) as address, browser.chromium() as chromium:
        page = chromium.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto(address)
        browser.settled(page)
        whole = page.locator('[data-testid="stMain"] > div').first.evaluate("e => e.scrollHeight")
        page.set_viewport_size({"width": WIDTH, "height": min(int(whole) + 40, 1600)})
        page.wait_for_timeout(1500)
        page.screenshot(path=str(file))


if __name__ == "__main__":
    take(Path(sys.argv[1]).resolve(), Path(sys.argv[2]))
