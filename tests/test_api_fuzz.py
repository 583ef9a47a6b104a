"""The API against its own schema: whatever a client may send, the answer is one that the schema names."""

from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, GenerationMode

from blog.models import Blog
from postbag import tokens
from tests.factories import make_comment, make_post

pytestmark = pytest.mark.django_db(transaction=True)  # as in life: each request has its own connection

QUICK = examples(
    deadline=None,
    max_examples=40,  # of each operation and mode
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
# No schema says which addresses, notices and codes there are: 422 is an answer to what is well formed, too.
CONFIG = schemathesis.Config.from_dict(
    {
        "checks": {
            "positive_data_acceptance": {"expected-statuses": ["2xx", "404", "409", "422", "429"]},
        }
    }
)


@pytest.fixture
def known(blog: Blog, settings: Any) -> dict[str, list[str]]:
    """What there is, by the names that the schema's paths use; and budgets that nobody uses up."""
    settings.MAIL_PER_NETWORK, settings.MAIL_PER_HOUR, settings.CODES_PER_NETWORK = (10**9, 10**9), 10**9, 10**9
    blog.also_answers = "localhost"  # where Schemathesis asks
    blog.save()
    post = make_post(blog)
    comments = [make_comment(post, state) for state in ["unconfirmed", "pending", "approved", "rejected"]]
    made = [tokens.make(purpose, comment.pk) for purpose in ["comment-sent", "comment-status"] for comment in comments]
    return {"id": [str(post.pk)], "token": made}


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_answer_is_one_that_the_schema_names(known: dict[str, list[str]], mode: GenerationMode) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/", get_wsgi_application(), config=CONFIG)
    for found in schema.get_all_operations():
        with suppress(Unsatisfiable):  # what takes nothing cannot be asked for something wrong
            try_out(found.ok(), mode, known)


def try_out(operation: APIOperation, mode: GenerationMode, known: dict[str, list[str]]) -> None:
    """Half of the requests are for what there is, unless it is the path that is to be wrong."""

    @QUICK
    @given(operation.as_strategy(generation_mode=mode), st.booleans(), st.randoms())
    def run(case: Case, is_there: bool, lot: Any) -> None:
        names = known.keys() & (case.path_parameters or {}).keys()
        if is_there and not path_is_wrong(case):
            case.path_parameters.update({name: lot.choice(known[name]) for name in names})
        case.call_and_validate()

    run()


def path_is_wrong(case: Case) -> bool:
    parts = case.meta.components if case.meta else {}
    return any(part.name == "PATH" and info.mode.is_negative for part, info in parts.items())
