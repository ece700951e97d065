"""Runs in Superset's environment: opens a dashboard in a headless Chromium as a person does, by the login form.

    python tests/bi/browse.py BASE_URL PATH USER PASSWORD OUT.png

Prints JSON: the texts of the page's panels, of its tiles' colours, and of anything that says "error".
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as conditions
from selenium.webdriver.support.ui import WebDriverWait

from touchstone_superset.browser import chrome_arguments, chrome_driver

WIDTH, HEIGHT = 1600, 900
SECONDS = 200


def main(base: str, path: str, user: str, password: str, out: str) -> None:
    """Log in, open, wait until every panel is drawn, take the picture of the whole page."""
    driver = _driver()
    try:
        _log_in(driver, base, user, password)
        driver.get(base + path)
        _wait_until_drawn(driver)
        _take(driver, Path(out))
        print(json.dumps(_report(driver)))
    finally:
        driver.quit()


def _driver() -> webdriver.Chrome:
    options = webdriver.ChromeOptions()
    for argument in [*chrome_arguments(), f"--window-size={WIDTH},{HEIGHT}"]:
        options.add_argument(argument)
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(chrome_driver()))


def _log_in(driver: webdriver.Chrome, base: str, user: str, password: str) -> None:
    driver.get(base + "/login/")
    wait = WebDriverWait(driver, SECONDS)
    wait.until(conditions.presence_of_element_located((By.ID, "username"))).send_keys(user)
    driver.find_element(By.ID, "password").send_keys(password)
    driver.find_element(By.CSS_SELECTOR, "button[type=submit]").click()
    wait.until(lambda page: "/login" not in page.current_url)


def _wait_until_drawn(driver: webdriver.Chrome) -> None:
    """Every panel's chart is there and none shows its spinner, twice in a row."""
    deadline, calm = time.monotonic() + SECONDS, 0
    while calm < 3:
        if time.monotonic() > deadline:
            raise TimeoutError(f"the dashboard was not drawn within {SECONDS} s")
        time.sleep(0.7)
        # Superset draws a panel when it comes into view: make the window as high as the page.
        height = driver.execute_script(PAGE_HEIGHT)
        driver.set_window_size(WIDTH, max(HEIGHT, min(int(height), 4000)))
        panels = len(driver.find_elements(By.CSS_SELECTOR, ".dashboard-chart"))
        drawn = len(driver.find_elements(By.CSS_SELECTOR, ".chart-container .slice_container"))
        loading = len(driver.find_elements(By.CSS_SELECTOR, ".loading"))
        calm = calm + 1 if panels and drawn >= panels and not loading else 0


def _take(driver: webdriver.Chrome, out: Path) -> None:
    time.sleep(1.5)  # ECharts' entry animation
    out.parent.mkdir(parents=True, exist_ok=True)
    driver.save_screenshot(str(out))


def _report(driver: webdriver.Chrome) -> dict[str, Any]:
    def texts(selector: str) -> list[str]:
        return [element.text for element in driver.find_elements(By.CSS_SELECTOR, selector)]

    tiles = driver.find_elements(By.CSS_SELECTOR, ".ts-kpi")
    return {
        "title": driver.title,
        "panels": texts(".dashboard-chart"),
        "empty": driver.execute_script(EMPTY),
        "errors": texts("[role=alert]"),
        "tiles": [{"class": tile.get_attribute("class"), "text": tile.text} for tile in tiles],
        "overflow": driver.execute_script(OVERFLOW),
    }


# Panels with neither words nor a drawing.
EMPTY = """
return [...document.querySelectorAll('.dashboard-chart')]
  .filter(panel => !panel.innerText.trim() && !panel.querySelector('canvas'))
  .map(panel => panel.outerHTML.slice(0, 300));
"""
# The page scrolls inside a container of its own: what the grid needs, and what stands above it.
PAGE_HEIGHT = """
const grid = document.querySelector('.grid-container');
return grid ? grid.getBoundingClientRect().top + window.scrollY + grid.scrollHeight + 200 : 900;
"""
# Panels whose content is larger than the panel, so that a part of it is cut off or needs scrolling.
OVERFLOW = """
return [...document.querySelectorAll('.ts-kpi, .ts-funnel')].filter(tile => {
  const box = tile.parentElement.closest('[height]') || tile.parentElement.parentElement;
  return tile.scrollHeight > box.clientHeight + 1 || tile.scrollWidth > box.clientWidth + 1;
}).map(tile => tile.innerText);
"""

if __name__ == "__main__":
    main(*sys.argv[1:])
