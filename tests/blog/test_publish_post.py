"""manage.py publish_post FILE: a post from Markdown with front matter, or one line that says what is wrong."""

import datetime
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from blog.models import Author, Blog, Category, Post
from sharing.models import Alert
from tests.factories import make_author, make_blog, make_post, make_subscription

pytestmark = pytest.mark.django_db
Publish = Callable[..., Post]
PLAIN = "---\ntitle: A new bridge\n---\nIt is *open*.\n\nSee it."


@pytest.fixture
def publish(tmp_path: Path, blog: Blog) -> Publish:
    """Publishes a file of these words, and returns the post; what the command said is its `said`."""

    def run(words: str | bytes) -> Post:
        file, out = tmp_path / "post.md", StringIO()
        file.write_bytes(words.encode() if isinstance(words, str) else words)
        call_command("publish_post", str(file), stdout=out)
        post = Post.objects.latest("pk")
        post.said = out.getvalue()
        return post

    return run


@pytest.fixture
def refuse(publish: Publish) -> Callable[..., str]:
    """Publishes a file that cannot become a post; the one line that says why."""

    def run(words: str | bytes) -> str:
        with pytest.raises(CommandError) as error:
            publish(words)
        assert not Post.objects.exists() and not Author.objects.exists() and not Category.objects.exists()
        assert "\n" not in str(error.value)
        return str(error.value)

    return run


def matter(**fields: str) -> str:
    lines = "\n".join(f"{name}: {value}" for name, value in {"title": "A post", **fields}.items())
    return f"---\n{lines}\n---\nSome words."


def test_a_title_and_words_are_enough(publish: Publish, blog: Blog, client) -> None:
    before = timezone.now()
    post = publish(PLAIN)
    assert (post.blog, post.title, post.slug, post.state) == (blog, "A new bridge", "a-new-bridge", "published")
    assert before <= post.published_at <= timezone.now()
    assert (post.body_html, post.excerpt) == ("<p>It is <em>open</em>.</p>\n<p>See it.</p>\n", "It is open.")
    assert post.said == f"{post.full_url()}\n"
    assert client.get(post.get_absolute_url()).status_code == 200


def test_its_subscribers_are_told_by_the_clock(publish: Publish, blog: Blog, send_mail) -> None:
    make_subscription(blog)
    publish(PLAIN)
    Alert.objects.raise_due()
    assert [mail.subject for mail in send_mail()] == ["A new bridge"]


@pytest.mark.parametrize(
    "words",
    [
        b"\xef\xbb\xbf" + PLAIN.encode(),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r").encode(),
        b"\n\n" + PLAIN.encode(),
        PLAIN.replace("---\n", "--- \t\n").encode(),
    ],
    ids=["BOM", "CRLF", "CR", "blank lines first", "blanks after ---"],
)
def test_files_of_any_editor_are_read(publish: Publish, words: bytes) -> None:
    post = publish(words)
    assert (post.title, post.body) == ("A new bridge", "It is *open*.\n\nSee it.")


def test_dashes_within_words_end_nothing(publish: Publish) -> None:
    post = publish("---\ntitle: Before --- and after ---\n---\nOne\n\n---\n\nTwo")
    assert (post.title, post.body) == ("Before --- and after ---", "One\n\n---\n\nTwo")


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2026-07-01", "2026-06-30T23:00:00+00:00"),
        ("2026-11-22 09:30", "2026-11-22T09:30:00+00:00"),
        ("2026-07-01 09:30:15", "2026-07-01T08:30:15+00:00"),
        ("2026-07-01T09:30:00Z", "2026-07-01T09:30:00+00:00"),
        ("2026-07-01 09:30:00 +02:00", "2026-07-01T07:30:00+00:00"),
        ('"2026-07-01 09:30"', "2026-07-01T08:30:00+00:00"),
    ],
)
def test_a_date_is_the_site_s_unless_it_says_otherwise(publish: Publish, date: str, expected: str) -> None:
    assert publish(matter(date=date)).published_at == datetime.datetime.fromisoformat(expected)


def test_a_date_in_the_future_schedules_it(publish: Publish, blog: Blog, client) -> None:
    make_subscription(blog)
    tomorrow = timezone.localtime() + datetime.timedelta(days=1)
    post = publish(matter(date=f"{tomorrow:%Y-%m-%d %H:%M}"))
    assert not post.is_public()
    assert client.get(post.get_absolute_url()).status_code == 404
    assert Alert.objects.raise_due() == 0


def test_an_empty_field_is_as_good_as_none(publish: Publish) -> None:
    post = publish(matter(date="", slug="", authors="", categories="[]", blog=""))
    assert (post.slug, post.authors.count(), post.categories.count()) == ("a-post", 0, 0)


@pytest.mark.parametrize(
    "date", ["tomorrow", "22/11/2026", "12", "true", "[2026-01-01]", '""', "0001-01-01T00:00:00+05:00"]
)
def test_what_is_no_date_is_named(refuse, date: str) -> None:
    assert "the date" in refuse(matter(date=date))


def test_a_date_that_does_not_exist_is_named(refuse) -> None:
    assert "must be in" in refuse(matter(date="2026-13-45"))
    assert "cannot be read" in refuse(matter(date="2026-02-30"))


def test_authors_and_categories_are_found_or_added(publish: Publish, blog: Blog) -> None:
    priya = make_author(blog, "Priya Nair")
    make_author(make_blog(address="http://other.example"), "Sam Jones")
    post = publish(matter(authors="[Priya Nair, Sam Jones]", categories="Capability"))
    assert [author.name for author in post.authors.all()] == ["Priya Nair", "Sam Jones"]
    assert priya in post.authors.all()
    assert {author.blog for author in post.authors.all()} == {blog}
    assert [category.slug for category in post.categories.all()] == ["capability"]


def test_an_author_is_known_by_name_whatever_the_slug(publish: Publish, blog: Blog) -> None:
    li = make_author(blog, "李明", slug="li-ming")
    assert list(publish(matter(authors="李明")).authors.all()) == [li]


@pytest.mark.parametrize("names", ["李明", '"!!!"', "[[Ann]]", "{Ann: 1}", "x" * 101, "true", "[null]", "['']"])
def test_a_name_that_gives_no_page_is_refused(refuse, names: str) -> None:
    assert "author" in refuse(matter(authors=names))


def test_a_slug_is_taken_as_it_is(publish: Publish) -> None:
    assert publish(matter(slug="Twitter_at-work")).slug == "Twitter_at-work"


@pytest.mark.parametrize("slug", ["no spaces", "no/slashes", "ünicode", "x" * 201, "[a]"])
def test_what_is_no_slug_is_refused(refuse, slug: str) -> None:
    assert refuse(matter(slug=slug)).startswith("slug: ")


def test_a_title_without_latin_letters_needs_a_slug(publish: Publish, refuse) -> None:
    assert "add a slug" in refuse(matter(title="日本語"))
    assert publish(matter(title="日本語", slug="japanese")).title == "日本語"


def test_a_slug_that_is_taken_is_refused(publish: Publish, blog: Blog) -> None:
    make_post(blog, slug="a-post")
    with pytest.raises(CommandError, match="already exists"):
        publish(matter())
    assert Post.objects.count() == 1


@pytest.mark.parametrize(
    ("title", "stored"),
    [("2026", "2026"), ("3.5", "3.5"), ('"a\\nb \\u2028 c"', "a b c"), ("|\n  two\n  lines", "two lines"), ("0", "0")],
)
def test_a_title_is_one_line(publish: Publish, title: str, stored: str) -> None:
    post = publish(matter(title=title, slug="s"))
    assert post.title == stored


@pytest.mark.parametrize("title", ["[a, b]", "{a: b}", "true", '"a\\0b"', '"a\\ud83db"', "x" * 201, '"   "'])
def test_what_is_no_title_is_refused(refuse, title: str) -> None:
    assert "title: " in refuse(matter(title=title, slug="s"))


@pytest.mark.parametrize("title", ["", '""', "null", "~"])
def test_a_missing_title_is_asked_for(refuse, title: str) -> None:
    assert refuse(matter(title=title)).endswith("the front matter needs a title")


@pytest.mark.parametrize("name", ["Other blog", "other.example:8000", "also.example"])
def test_a_second_blog_is_named_or_found_by_its_host(publish: Publish, name: str) -> None:
    other = make_blog(name="Other blog", address="http://other.example:8000", also_answers="also.example")
    assert publish(matter(blog=name)).blog == other


def test_a_blog_that_is_not_there_is_named(refuse) -> None:
    assert refuse(matter(blog="Nobody's")) == "there is no blog Nobody's"


def test_before_there_is_a_blog_nothing_is_published(refuse, blog: Blog) -> None:
    blog.delete()
    assert refuse(PLAIN) == "there is no blog yet"


@pytest.mark.parametrize(
    "words",
    [
        "",
        "Some words.",
        "---\ntitle: x\n",
        "title: x\n---\nwords",
        "---\n- a\n---\nb",
        "---\n---\nb",
        "--- title: x ---",
    ],
)
def test_a_file_without_front_matter_is_refused(refuse, words: str) -> None:
    assert "front matter" in refuse(words)


@pytest.mark.parametrize(
    "words",
    [
        b"---\ntitle: \xff\n---\nb",
        "---\ntitle: [\n---\nb",
        "---\ntitle: !!python/object:os.system x\n---\nb",
        "---\na: *b\n---\nc",
    ],
)
def test_a_file_that_cannot_be_read_is_refused(refuse, words: str | bytes) -> None:
    assert "post.md: cannot be read: " in refuse(words)


def test_a_file_that_is_not_there_is_named(blog: Blog, tmp_path: Path) -> None:
    for path in [tmp_path / "nowhere.md", tmp_path]:
        with pytest.raises(CommandError, match="cannot be read"):
            call_command("publish_post", str(path))


def test_words_that_no_database_keeps_are_refused(refuse) -> None:
    assert "cannot be stored" in refuse("---\ntitle: x\n---\na\0b")


def test_a_post_without_words_is_refused(refuse) -> None:
    assert refuse("---\ntitle: x\n---\n").startswith("body: ")


def test_a_misspelt_field_is_named(refuse) -> None:
    assert refuse(matter(tilte="x", tags="y")).endswith("unknown in the front matter: tags, tilte")


def test_nothing_in_the_words_becomes_a_script(publish: Publish) -> None:
    post = publish("---\ntitle: x\n---\n<script>alert(1)</script> [a](javascript:alert(1)) <img onerror=x src=y>")
    assert "<script" not in post.body_html and 'href="javascript' not in post.body_html
    assert "<img" not in post.body_html


def test_an_old_post_that_moves_here_tells_nobody(blog: Blog, tmp_path: Path) -> None:
    file = tmp_path / "post.md"
    file.write_text("---\ntitle: Old\ndate: 2014-06-20\n---\nWords.\n")
    call_command("publish_post", str(file), "--no-alert")
    assert not Post.objects.get().send_alert
