"""The documentation: everything there is has its place in it, and what it says is so."""

import ast
import inspect
import io
import itertools
import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.contrib import admin
from django.core.management import call_command, get_commands, load_command_class
from django.core.management.base import BaseCommand
from django.utils.text import capfirst

from aurum import checks
from aurum.domains import Domain, domains
from aurum.environment import NAMES
from aurum.errors import catalogue
from aurum.loads import run
from aurum.loads.feeds import Feed
from aurum.stores.tables import Table
from tests.conftest import Api, Market, demo_of, shown_demo

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
READ_ME = list(ROOT.glob("README.md"))
FEEDS = [(domain, feed) for domain in domains() for feed in domain.feeds]
OUR_COMMANDS = sorted(name for name, app in get_commands().items() if app == "ops")
LOADER_REASON = "contradicts_earlier_row"

_BLOCK = re.compile(r"^(?P<fence>`{3,})(?P<kind>\w*)\n(?P<body>.*?)^(?P=fence)$", re.M | re.S)
_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")
_ASKED = re.compile(r"""(?<!")/v[12]/[\w/-]+\?[^\s'"`)<>]+""")


class Block(NamedTuple):
    kind: str
    body: str


def blocks(page: Path) -> list[Block]:
    """A page's fenced blocks, in order."""
    return [Block(found["kind"], found["body"]) for found in _BLOCK.finditer(page.read_text())]


def page_of(domain: Domain) -> str:
    return (DOCS / f"{domain.name}.md").read_text()


def named(paths: list[Path]) -> Any:
    return [pytest.param(path, id=str(path.relative_to(ROOT))) for path in paths]


@pytest.mark.parametrize("domain", domains(), ids=lambda domain: domain.name)
def test_every_route_is_on_the_page_of_its_domain(domain: Domain) -> None:
    page = page_of(domain)
    for route in (route for routes in domain.routes.values() for route in routes):
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.path)
        assert f"`GET /{path}`" in page, path


def dictionary(table: Table) -> str:
    """What the data dictionary says of a table: its part of the domain's page."""
    keys = ", ".join(f"`{name}`" for name in table.key)
    lines = [f"### `{table.name}`", "", f"{table.doc} Key: {keys}.", ""]
    lines += ["| column | kind | unit | meaning |", "|---|---|---|---|"]
    for column in table.columns:
        kind = f"{column.kind}, may be empty" if column.nullable else column.kind
        unit = re.sub("^=(.*)", r"as `\1` says", column.unit_text or "")
        lines.append(f"| `{column.name}` | {kind} | {unit} | {column.doc} |")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("domain", "table"),
    [pytest.param(d, t, id=t.name) for d in domains() for t in d.tables],
)
def test_every_column_is_in_the_data_dictionary(domain: Domain, table: Table) -> None:
    expected = dictionary(table)
    assert expected in page_of(domain), f"docs/{domain.name}.md has to say:\n\n{expected}"


@pytest.mark.parametrize("feed", [pytest.param(feed, id=feed.name) for _, feed in FEEDS])
def test_every_feed_is_in_the_index(feed: Feed) -> None:
    line = f"| [`{feed.name}`](feeds/{feed.name}.md) | {feed.mode} | {patterns_of(feed)} |"
    assert line in (DOCS / "feeds.md").read_text()


def patterns_of(feed: Feed) -> str:
    return ", ".join(f"`{pattern}`" for pattern in feed.patterns)


def reasons_of(feed: Feed, domain: Domain) -> set[str]:
    """Why a feed sets rows aside: in its reader and what that uses of its domain and of reading."""
    reader = getattr(feed.read, "func", feed.read)  # may be a partial, or be made by a function
    module = import_module(reader.__module__)
    used = [getattr(module, reader.__qualname__.partition(".")[0])]
    source = ast.Module([], [])
    for thing in used:
        tree = ast.parse(inspect.getsource(thing))
        source.body += tree.body
        theirs = vars(import_module(thing.__module__))
        names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
        for other in (inspect.unwrap(theirs[name]) for name in names if name in theirs):
            is_code = inspect.isfunction(other) or inspect.isclass(other)
            if is_code and other not in used and belongs(other.__module__, domain):
                used.append(other)
    return reasons_in(source) | {LOADER_REASON}


def belongs(module: str, domain: Domain) -> bool:
    return module.startswith(("aurum.loads.cells", "aurum.loads.reading", f"{domain.name}."))


def reasons_in(tree: ast.AST) -> set[str]:
    takers = {"InvalidRow", "reject"} | {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and any(a.arg == "reason" for a in node.args.args)
    }
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    words = (
        arg
        for call in calls
        if ast.unparse(call.func).rpartition(".")[2] in takers
        for arg in call.args
    )
    return {w.value for w in words if isinstance(w, ast.Constant) and isinstance(w.value, str)}


def told_in(page: str) -> set[str]:
    """The reasons in the page's table of them."""
    told = page.partition("| reason | meaning |")[2].partition("\n\n")[0]
    return set(re.findall(r"^\| `(\w+)` \|", told, re.M))


@pytest.mark.parametrize(
    ("domain", "feed"), [pytest.param(domain, feed, id=feed.name) for domain, feed in FEEDS]
)
def test_the_page_of_a_feed_names_the_reasons_to_set_a_row_aside(
    domain: Domain, feed: Feed
) -> None:
    reasons = reasons_of(feed, domain)
    page = (DOCS / "feeds" / f"{feed.name}.md").read_text()
    assert told_in(page) == reasons - told_in((DOCS / "feeds.md").read_text())
    assert f"`{feed.mode}`" in page
    assert patterns_of(feed) in page


def test_the_reasons_are_found_in_the_source() -> None:
    (dispatch,) = (pair for pair in FEEDS if pair[1].name == "iso.nyiso_rt_lmp")
    found = reasons_of(dispatch[1], dispatch[0])
    assert found > {"look_ahead", "interval_does_not_fit", "invalid_price", LOADER_REASON}


def test_the_loader_gives_the_reason_that_every_feed_documents() -> None:
    assert f'"{LOADER_REASON}"' in inspect.getsource(run)


@pytest.mark.parametrize("name", OUR_COMMANDS)
def test_every_command_and_its_options_are_told_to_the_operator(name: str) -> None:
    page = (DOCS / "operations.md").read_text()
    assert f"manage.py {name}" in page
    ours = load_command_class("ops", name).create_parser("manage.py", name)
    django_s = BaseCommand().create_parser("manage.py", name)
    options = {option for action in ours._actions for option in action.option_strings}
    for option in options - {o for action in django_s._actions for o in action.option_strings}:
        assert f"`{option}" in page, option


def test_every_check_is_told_to_the_operator() -> None:
    page = (DOCS / "operations.md").read_text()
    for check in set(re.findall(r"aurum\.E\d+", inspect.getsource(checks))):
        assert f"`{check}`" in page, check


def test_every_page_of_the_console_is_told_to_the_operator() -> None:
    told = (DOCS / "operations.md").read_text().partition("## The console")[2].partition("## ")[0]
    for model in admin.site._registry:
        assert capfirst(str(model._meta.verbose_name_plural)) in told, model


def test_every_problem_is_in_the_docs() -> None:
    whole = "\n".join(page.read_text() for page in PAGES)
    for slug in catalogue():
        assert f"| `{slug}` |" in whole, slug


def test_the_page_of_settings_is_what_the_command_prints() -> None:
    out = io.StringIO()
    call_command("settings", "--markdown", stdout=out)
    assert (DOCS / "settings.md").read_text() == out.getvalue(), (
        "manage.py settings --markdown > docs/settings.md"
    )


@pytest.mark.parametrize("page", named(PAGES + READ_ME))
def test_a_page_names_no_setting_and_no_command_that_is_not_there(page: Path) -> None:
    text = page.read_text()
    shown = set(re.findall(r"AURUM_[A-Z0-9_]+[A-Z0-9]\b(?!_)", text))
    built = {name for name in shown if name.startswith("AURUM_API_V1_SPLIT_")}
    assert shown - built <= set(NAMES)
    assert set(re.findall(r"manage\.py ([a-z]\w+)", text)) <= set(get_commands())


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as its readers' browsers know them."""
    prose = _BLOCK.sub("", page.read_text())
    heads = re.findall(r"^#+ +(.+)$", prose, re.M)
    return {re.sub(r"[^\w -]", "", head).strip().lower().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", named(PAGES + READ_ME))
def test_every_link_leads_to_something(page: Path) -> None:
    for where, anchor in _LINK.findall(_BLOCK.sub("", page.read_text())):
        target = (page.parent / where).resolve() if where else page
        assert target.exists(), where
        assert not anchor or anchor in anchors(target), f"{where}#{anchor}"


def test_the_index_leads_to_every_page() -> None:
    index = DOCS / "README.md"
    linked = {(DOCS / where).resolve() for where, _ in _LINK.findall(index.read_text())}
    linked |= {(DOCS / "feeds.md").parent / "feeds" / f"{feed.name}.md" for _, feed in FEEDS}
    missing = {p for p in PAGES if p != index and "decisions" not in p.parts} - linked
    assert not missing


class Example(NamedTuple):
    page: str
    path: str
    quoted: Block | None


def examples() -> Iterator[Example]:
    """Every question on a page, with the answer that is printed below it, where one is."""
    for page in PAGES + READ_ME:
        if page.name == "add-a-domain.md":
            continue  # its domain is not here; tests/test_add_a_domain.py puts it up
        found = blocks(page)
        quoted = {
            _ASKED.findall(here.body)[-1]: after
            for here, after in itertools.pairwise(found)
            if here.kind == "sh" and _ASKED.search(here.body) and after.kind in ("json", "csv")
        }
        for path in dict.fromkeys(_ASKED.findall(page.read_text())):
            if "…" not in path:
                yield Example(page.name, path, quoted.get(path))


def agrees(quoted: Any, actual: Any) -> bool:
    """Whether an answer is the one that is printed; `…` stands for what was left out."""
    if quoted == "…":
        return True
    if isinstance(quoted, str) and isinstance(actual, str):
        pattern = ".*".join(re.escape(part) for part in quoted.split("…"))
        return re.fullmatch(pattern, actual, re.S) is not None
    if isinstance(quoted, dict) and isinstance(actual, dict):
        return list(quoted) == list(actual) and all(map(agrees, quoted.values(), actual.values()))
    if isinstance(quoted, list) and isinstance(actual, list):
        if quoted and quoted[-1] == "…":
            quoted, actual = quoted[:-1], actual[: len(quoted) - 1]
        return len(quoted) == len(actual) and all(map(agrees, quoted, actual))
    return type(quoted) is type(actual) and bool(quoted == actual)


@pytest.fixture
def demo(market: Market) -> None:
    """What the examples speak of."""
    for domain, feed in FEEDS:
        for name, make in shown_demo(demo_of(domain, feed)):
            market.load(feed.name, make(), name)


@pytest.mark.django_db(transaction=True)  # known_at is looked up in a thread of its own
@pytest.mark.usefixtures("demo")
def test_every_example_is_answered_as_it_is_printed(api: Api) -> None:
    shown = list(examples())
    assert any(example.quoted for example in shown)
    for example in shown:
        answer = api.get(example.path)
        if example.quoted is None:
            assert answer.status_code == 200, example
        elif example.quoted.kind == "csv":
            assert agrees(example.quoted.body, answer.text.replace("\r\n", "\n")), answer.text
        else:
            body = json.loads(example.quoted.body)
            assert answer.status_code == body.get("status", 200), example
            assert agrees(body, answer.json()), f"{example.path}\n{answer.text}"
