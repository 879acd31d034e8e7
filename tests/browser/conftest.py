"""A running server and a browser that notices everything that goes wrong on a page."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from curves.demo import demo_files
from tests.drills.processes import Site
from tests.factories import nymex

PASSWORD = "correct horse battery staple"
DAYS = 2


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with two days of demo data, one bad price and one superuser."""
    home = tmp_path_factory.mktemp("home")
    environment = {name: value for name, value in os.environ.items() if name[:6] != "AURUM_"}
    environment |= {
        "AURUM_HOME": str(home),
        "AURUM_LOG_LEVEL": "WARNING",
        "AURUM_AUTH": "anonymous",
    }
    environment |= {"DJANGO_SUPERUSER_PASSWORD": PASSWORD}
    site = Site("embedded", home, environment, "")
    site.migrate()
    for words in (
        ("collectstatic", "--noinput", "--verbosity", "0"),
        ("createsuperuser", "--noinput", "--username", "chief", "--email", "chief@example.com"),
    ):
        site.finish(site.start("manage.py", *words))
    files = home / "files"
    files.mkdir()
    for name, make in list(demo_files())[:DAYS]:
        (files / name).write_bytes(make())
    (files / "forward-curve_2026-05-29.json").write_text(nymex({"2026-07": 3.27, "2026-08": "n/a"}))
    site.load(files)
    site.load(files, feed="curves.nymex")
    try:
        with site.serve() as client:
            yield str(client.base_url).rstrip("/")
    finally:
        site.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright  # only those who run this tier install it

    found = shutil.which("chromium")
    assert found, "no chromium is installed"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Tab:
    """A page of the browser, and whatever it had to complain about."""

    page: Any
    base: str
    complaints: list[str]

    def open(self, path: str) -> None:
        answer = self.page.goto(f"{self.base}{path}")
        assert answer.status == 200, f"{path}: {answer.status}"

    def follow(self, what: str) -> None:
        """Clicks what leads to another page and waits until that is wholly there."""
        with self.page.expect_navigation():
            self.page.click(what)


def _watch(page: Any, complaints: list[str]) -> None:
    def asked(request: Any) -> None:
        if urlsplit(request.url).hostname != "127.0.0.1":
            complaints.append(f"asked another machine: {request.url}")

    def answered(response: Any) -> None:
        if response.status >= 400:
            complaints.append(f"{response.status}: {response.url}")

    def said(message: Any) -> None:
        if message.type in ("error", "warning"):
            complaints.append(f"console: {message.text} {message.location['url']}")

    page.on("request", asked)
    page.on("response", answered)
    page.on("console", said)
    page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
    page.on("pageerror", lambda error: complaints.append(f"script: {error}"))


@pytest.fixture
def tab(chromium: Any, server: str) -> Iterator[Tab]:
    """A fresh browser window, signed in nowhere."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(10_000)
    page, complaints = context.new_page(), []
    _watch(page, complaints)
    yield Tab(page, server, complaints)
    context.close()


@pytest.fixture
def console(tab: Tab) -> Tab:
    """A window in which the superuser has signed in by the login page."""
    tab.open("/admin/")
    tab.page.fill("#id_username", "chief")
    tab.page.fill("#id_password", PASSWORD)
    tab.follow("[type=submit]")
    assert tab.page.url == f"{tab.base}/admin/"
    return tab


def serious(tab: Tab, *, but: str = "") -> list[str]:
    """What keeps people from using the page, but for one rule."""
    from axe_playwright_python.sync_playwright import Axe  # as playwright above

    found = Axe().run(tab.page).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:200]}"
        for one in found
        if one["impact"] in ("serious", "critical") and one["id"] != but
    ]
