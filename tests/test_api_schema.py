"""/api/v1/schema/, /api/v1/docs/ and what is not there."""

import json

import pytest
from django.core.management import call_command
from django.test import Client

from blog.models import Blog

OPERATIONS = {
    "/api/v1/comments/sent/{token}/confirmation/": {"post"},
    "/api/v1/comments/status/{token}/": {"get"},
    "/api/v1/comments/status/{token}/withdrawal/": {"post"},
    "/api/v1/posts/": {"get"},
    "/api/v1/posts/{id}/": {"get"},
    "/api/v1/posts/{id}/comments/": {"get", "post"},
    "/api/v1/posts/{id}/share-targets/": {"get"},
    "/api/v1/privacy-notice/": {"get"},
    "/api/v1/subscriptions/": {"post"},
}


def test_the_schema_has_no_warnings(tmp_path) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yaml"))


def test_the_schema_has_every_operation_with_its_words(blog: Blog, client: Client) -> None:
    paths = client.get("/api/v1/schema/").json()["paths"]
    assert {path: set(operations) for path, operations in paths.items()} == OPERATIONS
    assert all(
        operation["summary"] and operation["description"] for path in paths.values() for operation in path.values()
    )


@pytest.mark.parametrize("query", ["?version=%0a", "?lang=%00", "?lang=../../x", "?version=9"])
def test_the_query_string_decides_nothing_of_the_schema(blog: Blog, client: Client, query: str) -> None:
    assert client.get(f"/api/v1/schema/{query}").content == client.get("/api/v1/schema/").content


def test_the_schema_comes_as_yaml_too(blog: Blog, client: Client) -> None:
    assert client.get("/api/v1/schema/?format=yaml").content.startswith(b"openapi:")
    assert client.head("/api/v1/schema/").status_code == 200


def test_the_docs_keep_the_policy_of_every_page(blog: Blog, client: Client) -> None:
    docs, home = client.get("/api/v1/docs/"), client.get("/")
    policies = [set(page["Content-Security-Policy"].split("; ")) for page in (docs, home)]
    assert policies[0] == policies[1]
    assert "//cdn" not in docs.text
    assert "/api/v1/schema/" in docs.text


@pytest.mark.parametrize(
    "path", ["", "nothing/", "posts", "posts/1", f"posts/{'9' * 5000}/", "posts/-1/", "%0A", "posts/%0Ax/"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE"])
def test_what_is_not_there_is_a_problem(blog: Blog, client: Client, path: str, method: str) -> None:
    answer = client.generic(method, f"/api/v1/{path}")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert method == "HEAD" or json.loads(answer.content)["status"] == 404


def test_an_id_beyond_all_ids_is_a_problem(blog: Blog, client: Client) -> None:
    for path in ["", "comments/", "share-targets/"]:
        assert client.get(f"/api/v1/posts/{10**30}/{path}").json()["status"] == 404


def test_an_answer_in_another_form_is_406(blog: Blog, client: Client) -> None:
    answer = client.get("/api/v1/posts/", headers={"Accept": "text/html"})
    assert (answer.status_code, answer["Content-Type"]) == (406, "application/problem+json")


def test_too_many_parameters_are_a_problem(blog: Blog, client: Client) -> None:
    answer = client.get("/api/v1/posts/?" + "&".join(["a=1"] * 300))
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
