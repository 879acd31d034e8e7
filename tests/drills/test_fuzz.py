"""Ten thousand requests, most of them wrong: each gets a proper answer."""

import json
import re
from collections import Counter
from random import Random
from typing import Any
from urllib.parse import unquote_plus

import pytest

from tests.conftest import Run
from tests.drills.conftest import Say
from tests.drills.fuzzer import Fuzzer
from tests.drills.requests import MOST_FIELDS, Query, Result, answer_to
from tests.engines import BOTH

pytestmark = [pytest.mark.drill, pytest.mark.parametrize("engine", BOTH, indirect=True)]

REQUESTS = 10_000
LEAST_WITH_ROWS = 1_000
LEAK = re.compile(
    r"Traceback|sqlite|psycopg|site-packages|\.py\b|/tmp/|/home/|File \"|SELECT |curve_tenor", re.I
)


def fault(ask: Query, answer: Result) -> str | None:
    """What is wrong with an answer."""
    if answer.status >= 500:
        return "a failure of ours"
    if ask.is_forged and answer.status < 400:
        return "a forged cursor is believed"
    # An element of a form is no SQL.
    seen = f"{answer.headers} {answer.text}".replace("<select ", "<")
    # An answer repeats what it was asked, and at times noise spells a word of these.
    asked = f"{ask.path}?{ask.query_string.decode('latin-1')}"
    asked += unquote_plus(asked)
    if leaked := [word for word in LEAK.findall(seen) if word not in asked]:
        return f"it leaks {leaked[0]!r}"
    if answer.status >= 400 and not (ask.method == "HEAD" and not answer.body):
        return _problem_fault(ask, answer)
    if ask.kind == "valid" and answer.status not in (200, 304):
        return "a valid request was refused"
    return None


def _problem_fault(ask: Query, answer: Result) -> str | None:
    if "text/html" in answer.headers["content-type"]:
        accepted = [value for name, value in ask.headers if name.lower() == b"accept"]
        wanted = any(b"html" in value for value in accepted)
        named = answer.headers["x-request-id"] in answer.text
        return None if wanted and named else "a page for who did not ask for one"
    if answer.headers["content-type"] != "application/problem+json":
        return "no problem document"
    document = json.loads(answer.text)
    for name in ("type", "title", "status", "detail", "request_id"):
        if not document.get(name):
            return f"no {name}"
    if document["status"] != answer.status:
        return "another status in the document"
    if document["request_id"] != answer.headers["x-request-id"]:
        return "another request id in the document"
    if answer.status == 400 and ask.query_string.count(b"&") < MOST_FIELDS:
        errors = document.get("errors") or [{}]
        if not all(isinstance(error.get("field"), str) for error in errors):
            return "no field is named"
    return None


def rows_in(answer: Result) -> int:
    if answer.status != 200 or not answer.body:
        return 0
    if answer.headers["content-type"] == "application/json":
        data = json.loads(answer.text).get("data")  # the roots have none
        return len(data) if isinstance(data, list) else 1
    return len(answer.text.splitlines()) - 1


@pytest.mark.django_db(transaction=True)  # known_at is looked up in a thread of its own
@pytest.mark.usefixtures("some_demo_data")
def test_ten_thousand_odd_requests_get_proper_answers(
    run: Run[Any], application: Any, chance: Random, say: Say
) -> None:
    fuzzer = Fuzzer(chance)
    statuses: Counter[int] = Counter()
    kinds: Counter[str] = Counter()
    faults: list[str] = []
    with_rows = 0

    async def drill() -> None:
        nonlocal with_rows
        for _ in range(REQUESTS):
            ask = fuzzer.any_request()
            answer = await answer_to(application, ask)
            statuses[answer.status] += 1
            kinds[ask.kind] += 1
            with_rows += rows_in(answer) > 0
            if wrong := fault(ask, answer):
                faults.append(f"{answer.status} {wrong}: {ask}\n    {answer.text[:300]}")
            fuzzer.learn(ask, answer)

    run(drill())
    by_status = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
    say(f"{by_status}; {with_rows} with rows; {', '.join(f'{n} {k}' for k, n in kinds.items())}")
    assert not faults, f"{len(faults)} of {REQUESTS}:\n" + "\n".join(faults[:20])
    assert statuses.total() == REQUESTS
    assert kinds["mutated"] >= REQUESTS / 2
    assert with_rows >= LEAST_WITH_ROWS
