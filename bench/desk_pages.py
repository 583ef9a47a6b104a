"""What bench.desk runs: the desk's pages, asked for through their addresses, and the time of their queries."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from blog.models import Blog  # noqa: E402
from moderation import figures  # noqa: E402
from moderation.models import Comment, Moderator  # noqa: E402
from tests.factories import make_blog, make_notice, make_post  # noqa: E402

FILL = Path(__file__).with_name("desk_fill.sql")
BLOGS, POSTS = 20, 50  # posts of each blog
RUNS, WARM_UP = int(os.environ.get("RUNS", "50")), 3  # of each page
BAR = 50  # milliseconds of the first page of the queue, p95
PEOPLE = {"everywhere": range(0), "large": range(2), "small": range(18, 20)}  # whose blogs; none: a superuser
PAGES = {
    "queue": "/desk/",
    "queue, after": "/desk/?after={waiting}",
    "queue, late": "/desk/?band=late",
    "queue, one blog": "/desk/?blog={blog}",
    "held": "/desk/held/",
    "likely spam": "/desk/likely-spam/",
    "reported": "/desk/reported/",
    "edits": "/desk/edits/",
    "appeals": "/desk/appeals/",
    "decided": "/desk/decided/",
    "search, common": "/desk/?q=wonderful+bridge",
    "search, decided": "/desk/decided/?q=wonderful+bridge",
    "search, rare": "/desk/decided/?q=heliotrope",
    "search, nothing": "/desk/decided/?q=xyzzy",
    "comment": "/desk/comments/{any}/",
    "figures": "/desk/figures/",
}
WORDS = "to_tsvector('simple', name || ' ' || text)"  # the index is made anew: that is faster than row by row
LINE = ["queue", "decide", "search", "figures"]  # the slowest page of each, in the last line; of the queue, the first


@dataclass
class Stopwatch:
    """The time of all queries, in seconds, and the longest of them."""

    seconds: float = 0
    queries: int = 0
    longest: tuple[float, str, Any] = (0, "", None)

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        """What Django calls instead of `execute`."""
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            took = time.perf_counter() - began
            self.seconds, self.queries = self.seconds + took, self.queries + 1
            self.longest = max(self.longest, (took, sql, params), key=lambda entry: entry[0])


@dataclass
class Figure:
    """What one page took for one person: milliseconds of the median run and of the 95th of 100."""

    page: str
    person: str
    times: list[float]
    queries: int
    longest: tuple[float, str, Any]

    @property
    def p95(self) -> float:
        """Nearest rank."""
        return sorted(self.times)[-(-len(self.times) * 95 // 100) - 1]

    @property
    def median(self) -> float:
        """The same."""
        return sorted(self.times)[len(self.times) // 2]


def main(comments: int, plans: Path | None) -> int:
    """Fill, measure, tell; 0 when the bar is kept."""
    call_command("migrate", verbosity=0)
    if not Comment.objects.exists():
        fill(comments)
    print(f"{Comment.objects.count():,} comments, {Comment.objects.queue().count():,} wait; {RUNS} runs of each page")
    found = [figure for person in PEOPLE for figure in pages_of(person)]
    found += [decisions_of(person) for person in ["everywhere", "large"]]
    show(found)
    if plans:
        plans.write_text("\n".join(plan(figure) for figure in found if figure.person != "small"))
    slowest = {name: max(figure.p95 for figure in found if figure.page.partition(",")[0] == name) for name in LINE}
    slowest["queue"] = max(figure.p95 for figure in found if figure.page == "queue")
    print("bench-desk: " + " ".join(f"{name}_p95_ms={slowest[name]:.1f}" for name in LINE))
    return int(slowest["queue"] >= BAR)


def fill(comments: int) -> None:
    """Blogs, people and comments, and their figures; then what the database keeps about them."""
    began = time.monotonic()
    blogs = [make_blog(name=f"Blog {place}", address=f"http://blog{place}.example.org") for place in range(BLOGS)]
    Blog.objects.filter(pk=blogs[0].pk).update(address="http://testserver", hosts=" testserver ")
    for blog in blogs:
        make_notice(blog)
        for place in range(POSTS):
            make_post(blog, title=f"Post {place}", slug=f"post-{place}")
    for person, places in PEOPLE.items():
        user = User.objects.create(username=person, is_superuser=not places, is_staff=True)
        Moderator.objects.bulk_create(Moderator(user=user, blog=blogs[place]) for place in places)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0; DROP INDEX comment_words")
        for statement in FILL.read_text().split(";\n"):
            if statement.strip():
                cursor.execute(statement.replace(":comments", str(comments)))
        cursor.execute(f"CREATE INDEX comment_words ON moderation_comment USING gin ({WORDS})")
        cursor.execute("VACUUM ANALYZE")
    filled = time.monotonic()
    figures.count_lately()
    print(f"filled in {filled - began:.0f} s, figures of two months counted in {time.monotonic() - filled:.0f} s")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def pages_of(person: str) -> Iterator[Figure]:
    """Each page, asked for by this person."""
    user = User.objects.get(username=person)
    client = Client()
    client.force_login(user)
    seen = Comment.objects.of_blogs(Moderator.objects.blogs_of(user))
    waiting = list(seen.queue().order_by("due_at").values_list("pk", flat=True)[:200])
    known = {
        "waiting": waiting[-1] if waiting else "",
        "any": waiting[0] if waiting else seen.order_by("-pk").values_list("pk", flat=True)[0],
        "blog": Moderator.objects.blogs_of(user).order_by("-pk").values_list("pk", flat=True)[0],
    }
    for name, address in PAGES.items():
        yield measured(name, person, lambda at=address: client.get(at.format(**known)), 200)


def decisions_of(person: str) -> Figure:
    """So many comments approved by this person, one after the other."""
    user = User.objects.get(username=person)
    client = Client()
    client.force_login(user)
    seen = Comment.objects.of_blogs(Moderator.objects.blogs_of(user))
    waiting = iter(list(seen.queue().order_by("due_at").values_list("pk", "version")[: RUNS + WARM_UP]))

    def decide() -> Any:
        pk, version = next(waiting)
        return client.post(f"/desk/comments/{pk}/decision/", {"outcome": "approved", "version": version})

    return measured("decide", person, decide, 302)


def measured(page: str, person: str, ask: Callable[[], Any], status: int) -> Figure:
    """Ask so often, and count the time of the queries."""
    times, stopwatch = [], Stopwatch()
    for run in range(WARM_UP + RUNS):
        stopwatch = Stopwatch()
        with connection.execute_wrapper(stopwatch):
            response = ask()
        assert response.status_code == status, (page, person, response.status_code)
        if run >= WARM_UP:
            times.append(stopwatch.seconds * 1000)
    return Figure(page, person, times, stopwatch.queries, stopwatch.longest)


def show(found: list[Figure]) -> None:
    """A table: a line for each page, p95 and median of each person."""
    print(f"\n{'p95 (median), ms':20}" + "".join(f"{person:>20}" for person in PEOPLE) + f"{'queries':>10}")
    for page in [*PAGES, "decide"]:
        of_page = {figure.person: figure for figure in found if figure.page == page}
        cells = [f"{of_page[who].p95:.1f} ({of_page[who].median:.1f})" if who in of_page else "" for who in PEOPLE]
        print(f"{page:20}" + "".join(f"{cell:>20}" for cell in cells) + f"{of_page['everywhere'].queries:10}")
    print()


def plan(figure: Figure) -> str:
    """The plan of its longest query, as Markdown."""
    _took, sql, params = figure.longest
    heading = f"### {figure.page}, {figure.person}\n"
    if not sql.startswith("SELECT"):
        return f"{heading}\n`{sql[:100]}`\n"
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, SUMMARY ON) {sql}", params)
        lines = "\n".join(row[0] for row in cursor.fetchall())
    return f"{heading}\n```\n{lines}\n```\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("comments", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--plans", type=Path)
    given = parser.parse_args()
    sys.exit(main(given.comments, given.plans))
