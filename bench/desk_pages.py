"""What bench.desk runs: the desk's pages, asked for through their addresses, and the time of their queries."""

import argparse
import os
import re
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
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402

from blog.models import Blog  # noqa: E402
from moderation import figures, keyset, queue  # noqa: E402
from moderation.models import Comment, Moderator  # noqa: E402
from moderation.roles import Duty  # noqa: E402
from tests.factories import make_blog, make_notice, make_post  # noqa: E402

FILL = Path(__file__).with_name("desk_fill.sql")
BLOGS, POSTS = 20, 50  # posts of each blog
RUNS, WARM_UP = int(os.environ.get("RUNS", "50")), 3  # of each page
BAR = 50  # milliseconds of the first page of the queue, p95
PEOPLE = {"everywhere": range(0), "large": range(2), "small": range(18, 20)}  # whose blogs; none: a superuser
PAGES = {  # {late}: far down in the list; {blog} and {post}: the last of those that the person sees
    "queue": "/desk/",
    "queue, far down": "/desk/?after={late}",
    "queue, late ones": "/desk/?band=late",
    "queue, one blog": "/desk/?blog={blog}",
    "queue, one post": "/desk/?post={post}",
    "queue, held for links": "/desk/?kind=link-count",
    "held": "/desk/held/",
    "likely spam": "/desk/likely-spam/",
    "published at once": "/desk/published/",
    "reported": "/desk/reported/",
    "edits": "/desk/edits/",
    "appeals": "/desk/appeals/",
    "for a second person": "/desk/proposed/",
    "escalated": "/desk/escalated/",
    "decided": "/desk/decided/",
    "decided, far down": "/desk/decided/?after={early}",
    "decided, one blog": "/desk/decided/?blog={blog}",
    "decided, one post": "/desk/decided/?post={post}",
    "decided, held for links": "/desk/decided/?kind=link-count",
    "search, one in 10": "/desk/?q=wonderful+bridge",
    "search, one in 10, decided": "/desk/decided/?q=wonderful+bridge",
    "search, one in 200": "/desk/?q=abc",
    "search, one in 200, decided": "/desk/decided/?q=abc",
    "search, 20 of all, decided": "/desk/decided/?q=heliotrope",
    "search, none, decided": "/desk/decided/?q=xyzzy",
    "comment": "/desk/comments/{any}/",
    "figures": "/desk/figures/",
    "records": "/desk/records/",
    "records, far down": "/desk/records/?after=500000",
}
WORDS = "to_tsvector('simple', name || ' ' || text)"  # the index is made anew: that is faster than row by row
LINE = ["queue", "decide", "search", "figures"]  # the slowest page of each, in the last line; of the queue, the first


Query = tuple[float, str, Any]  # seconds, SQL, parameters


class Stopwatch(list[Query]):
    """All queries of a request."""

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        """What Django calls instead of `execute`."""
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.append((time.perf_counter() - began, sql, params))

    @property
    def milliseconds(self) -> float:
        """Of all of them."""
        return 1000 * sum(took for took, _sql, _params in self)


@dataclass
class Figure:
    """What one page took for one person, in milliseconds, run by run; and the queries of the last run."""

    page: str
    person: str
    times: list[float]
    queries: Stopwatch

    @property
    def p95(self) -> float:
        """Nearest rank."""
        return sorted(self.times)[-(-len(self.times) * 95 // 100) - 1]

    @property
    def median(self) -> float:
        """The same."""
        return sorted(self.times)[len(self.times) // 2]


def main(comments: int, people: list[str], plans: Path | None) -> int:
    """Fill, measure, tell; 0 when the bar is kept."""
    call_command("migrate", verbosity=0)
    if not Comment.objects.exists():
        fill(comments)
    say(f"{Comment.objects.count():,} comments, {Comment.objects.queue().count():,} wait; {RUNS} runs of each page")
    found = [figure for person in people for figure in pages_of(person)]
    show(found)
    if plans:
        plans.write_text("\n".join(plans_of(figure) for figure in found))
    slowest = {
        name: max((figure.p95 for figure in found if figure.page.partition(",")[0] == name), default=0.0)
        for name in LINE
    }
    slowest["queue"] = max(figure.p95 for figure in found if figure.page == "queue")
    print("bench-desk: " + " ".join(f"{name}_p95_ms={slowest[name]:.1f}" for name in LINE))
    return int(slowest["queue"] >= BAR)


def say(words: str) -> None:
    """How far it is."""
    print(f"{time.strftime('%H:%M:%S')} load {os.getloadavg()[0]:.1f}: {words}", flush=True)


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
        Moderator.objects.bulk_create(Moderator(user=user, blog=blogs[place], duty=Duty.LEAD) for place in places)
    say("filling")
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0; DROP INDEX comment_words; DROP INDEX comment_words_wait")
        for statement in FILL.read_text().split(";\n"):
            if statement.strip():
                cursor.execute(statement.replace(":comments", str(comments)))
                say(f"{cursor.rowcount:,} rows: {statement.strip().splitlines()[0][:70]}")
        cursor.execute(f"CREATE INDEX comment_words ON moderation_comment USING gin ({WORDS})")
        cursor.execute(
            f"CREATE INDEX comment_words_wait ON moderation_comment USING gin ({WORDS}) WHERE state = 'pending'"
        )
        say("words indexed")
        cursor.execute("VACUUM ANALYZE")
    filled = time.monotonic()
    figures.count_lately()
    say(f"filled in {filled - began:.0f} s, figures of two months counted in {time.monotonic() - filled:.0f} s")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def pages_of(person: str) -> Iterator[Figure]:
    """Each page, asked for by this person."""
    user = User.objects.get(username=person)
    client = Client()
    client.force_login(user)
    known = known_of(user)
    for name, address in PAGES.items():
        yield measured(name, person, lambda at=address: client.get(at.format(**known)), 200)
    if known["late"]:
        yield decisions_of(person)
    say(f"{person} is measured")


def known_of(user: User) -> dict[str, Any]:
    """What stands in the addresses of this person's pages."""
    seen = Comment.objects.of_blogs(Moderator.objects.blogs_of(user))
    waiting = list(seen.queue().order_by("due_at").values_list("pk", flat=True))
    blog = Moderator.objects.blogs_of(user).order_by("-pk")[0]
    return {
        "late": place_of(waiting[len(waiting) * 9 // 10], queue.WAITING) if waiting else "",
        "early": place_of(list(seen.decided().order_by("pk").values_list("pk", flat=True)[:1000])[-1], queue.LATEST),
        "any": waiting[0] if waiting else seen.order_by("-pk").values_list("pk", flat=True)[0],
        "blog": blog.pk,
        "post": blog.posts.order_by("-pk").values_list("pk", flat=True)[0],
    }


def place_of(number: int, order: tuple[str, ...]) -> str:
    """Where this comment stands in a list."""
    return keyset.place(Comment.objects.values_list(*(name.removeprefix("-") for name in order)).get(pk=number))


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
            times.append(stopwatch.milliseconds)
    return Figure(page, person, times, stopwatch)


def show(found: list[Figure]) -> None:
    """A table: a line for each page, p95 and median of each person, and the most queries."""
    print("\n| p95 (median), ms | " + " | ".join(PEOPLE) + " | Queries |\n|---|" + "---|" * (len(PEOPLE) + 1))
    for page in [*PAGES, "decide"]:
        of_page = {figure.person: figure for figure in found if figure.page == page}
        cells = [f"{of_page[who].p95:.1f} ({of_page[who].median:.1f})" if who in of_page else "" for who in PEOPLE]
        most = max((len(figure.queries) for figure in of_page.values()), default=0)
        print(f"| {page} | " + " | ".join(cells) + f" | {most} |")
    print()


def plans_of(figure: Figure) -> str:
    """The plans of its queries of comments, as Markdown, made as the planner was told then."""
    plans = []
    with transaction.atomic(), connection.cursor() as cursor:
        for _took, sql, params in figure.queries:
            if sql.startswith("SET LOCAL"):
                cursor.execute(sql)
            elif sql.startswith("SELECT") and ("moderation_comment" in sql or "moderation_event" in sql):
                plans.append(plan(sql, params))
    return f"## {figure.page}, {figure.person}\n\n" + "\n".join(plans)


def plan(sql: str, params: Any) -> str:
    """What EXPLAIN ANALYZE says, without long lists of numbers."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY ON) {sql}", params)
        lines = "\n".join(row[0] for row in cursor.fetchall())
    return f"```\n{re.sub(r'{[0-9,]{60,}}', '{...}', lines)}\n```\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("comments", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--people", default=",".join(PEOPLE))
    parser.add_argument("--plans", type=Path)
    given = parser.parse_args()
    sys.exit(main(given.comments, given.people.split(","), given.plans))
