"""The one query that every request begins with: which blog, and when its pages changed by themselves last.

In SQL by hand, because it is on the way of each page from the cache: Django takes ten times as long to write it.
"""

from functools import cache
from typing import Any

from django.db import connection
from django.utils import timezone

from postbag import statements

# Dates reach Python as each database gives them: they name a version, and nobody reckons with them.
BY_HOST = """
SELECT id, page_version,
  (SELECT MAX(published_at) FROM blog_post
    WHERE blog_id = blog_blog.id AND state = 'published' AND published_at <= %s) AS latest_at,
  (SELECT MAX(published_at) FROM blog_post
    WHERE blog_id = blog_blog.id AND state = 'published' AND published_at <= {oldest_open}) AS aged_at,
  (SELECT MAX(CASE WHEN ends_at <= %s THEN ends_at ELSE starts_at END) FROM blog_closure
    WHERE starts_at <= %s AND (blog_id = blog_blog.id OR blog_id IS NULL)) AS edge_at
FROM blog_blog WHERE hosts LIKE %s ESCAPE '\\'
ORDER BY id LIMIT 1
"""
OLDEST_OPEN = {  # what was published then has been open for as long as the blog allows
    "postgresql": "%s - blog_blog.close_after_days * interval '1 day'",
    "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', %s, '-' || blog_blog.close_after_days || ' days')",
}


def at(host: str) -> tuple[Any, ...] | None:
    """Number and page version of the blog at `host`, and the moments at which its pages changed by themselves last.

    They do so at their minute without anybody's act: when the newest public post became public, when the newest post
    that is too old for comments was published, and when a window without comments began or ended.
    """
    ops = connection.ops
    now = ops.adapt_datetimefield_value(timezone.now())
    like = f"% {ops.prep_for_like_query(host.lower())} %"
    found = statements.rows(_by_host(), now, now, now, now, like)
    return found[0] if found else None


@cache
def _by_host() -> str:
    return BY_HOST.format(oldest_open=OLDEST_OPEN[connection.vendor])
