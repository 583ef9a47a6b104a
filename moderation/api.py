"""What programs may do with comments: read those that are published, and for an author all that the pages offer."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import Case, F, When
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from blog.api import ApiRequest, notice_in_force, post_by_id
from blog.models import Post
from mail.budgets import BudgetExceeded
from moderation import closing, personal
from moderation.cursor import Cursor
from moderation.forms import CommentForm
from moderation.links import named_by
from moderation.models import Comment, CommentQuerySet, Decision
from moderation.once import PARAMETER, once
from moderation.sent import WRONG_CODE, CodeForm, shown_to_its_sender
from moderation.views import submit
from postbag import tokens
from postbag.jsonbody import CheckYourEmail, Id, Text, form_data
from postbag.problems import LIMITS, Refused, problems
from postbag.throttle import client_network

TOKEN = OpenApiParameter("token", {"type": "string", "pattern": "^[a-z2-7]{40}$"}, OpenApiParameter.PATH)


class CommentSerializer(serializers.ModelSerializer):
    """A comment that a moderator approved."""

    parent = serializers.IntegerField(  # type: ignore[assignment]
        source="answered", allow_null=True, help_text="The id of the comment that it answers, where that can be read."
    )
    html = serializers.CharField(help_text="The text, escaped, with paragraphs and links.")
    url = serializers.SerializerMethodField(help_text="Where it stands on the blog.")

    class Meta:
        model = Comment
        fields = ["id", "parent", "name", "text", "html", "submitted_at", "url"]
        read_only_fields = fields

    def get_url(self, comment: Comment) -> str:
        return comment.post.blog.url(comment.get_absolute_url())


class NewCommentSerializer(serializers.Serializer):
    """A comment, as its author wrote it."""

    comment = Text()
    name = Text(help_text="Shown with the comment.")
    email = Text(help_text="Only to reach the author. It is never shown.")
    parent = Id(  # type: ignore[assignment]
        required=False, allow_null=True, help_text="The id of the comment that it answers."
    )
    notice = Id(help_text="The id of the privacy notice that its author was shown.")
    wants_replies = serializers.BooleanField(required=False, help_text="Email the author about replies.")
    accepted = serializers.ListField(
        child=serializers.ChoiceField(list(personal.WORDS)),
        required=False,
        help_text="The kinds of personal details in the text that its author, when asked, let stand.",
    )


class SubmittedSerializer(CheckYourEmail):
    """The answer to whoever sent a comment: the same whatever we know of its address and its words."""

    sent = serializers.CharField(
        help_text="What confirms the comment for 48 hours, with the code that its author is mailed. Keep it secret."
    )


class CodeSerializer(serializers.Serializer):
    """What the author read in the mail."""

    code = Text(help_text="Six digits.")


class RefusalSerializer(serializers.ModelSerializer):
    """Why a comment is not published."""

    reason = serializers.CharField(source="rule", allow_null=True, help_text="The rule, by its name.")
    explanation = serializers.CharField(allow_null=True)
    note = serializers.CharField(help_text="What the moderator adds.")

    class Meta:
        model = Decision
        fields = ["reason", "explanation", "note"]


class StandingSerializer(serializers.ModelSerializer):
    """Where a comment stands, for its author."""

    status = serializers.SerializerMethodField(
        help_text="What shows and withdraws the comment, for its author alone. Keep it secret."
    )
    state = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField(help_text="Its public page, once it is published.")
    refusal = serializers.SerializerMethodField()

    class Meta:
        model = Comment
        fields = ["status", "state", "name", "text", "submitted_at", "confirmed_at", "decided_at", "url", "refusal"]
        read_only_fields = fields

    def get_status(self, comment: Comment) -> str:
        return tokens.make("comment-status", comment.pk)

    @extend_schema_field({"type": "string", "enum": [state for state in Comment.State.values if state != "spam"]})
    def get_state(self, comment: Comment) -> str:
        """Spam reads as a refusal to its writer, as it does on the page."""
        return Comment.State.REJECTED if comment.state in Comment.REFUSED else comment.state

    def get_url(self, comment: Comment) -> str | None:
        public = comment.state == Comment.State.APPROVED and comment.post.is_public
        return comment.post.blog.url(comment.get_absolute_url()) if public else None

    @extend_schema_field(RefusalSerializer(allow_null=True))
    def get_refusal(self, comment: Comment) -> Any:
        decision = comment.last_decision() if comment.state in Comment.REFUSED else None
        return RefusalSerializer(decision).data if decision else None


@extend_schema_view(
    get=extend_schema(
        summary="List a post's comments", responses={200: CommentSerializer(many=True), **problems(400, 404)}
    )
)
class Comments(ListAPIView):
    """The approved comments on a post, oldest first. `parent` tells which comment one answers."""

    serializer_class = CommentSerializer
    pagination_class = Cursor
    request: ApiRequest

    def get_queryset(self) -> CommentQuerySet:
        comments = post_by_id(self.request, self.kwargs["pk"]).comments.public().in_thread()
        return comments.annotate(answered=Case(When(parent__state=Comment.State.APPROVED, then=F("parent_id"))))

    @extend_schema(
        summary="Submit a comment",
        request=NewCommentSerializer,
        parameters=[PARAMETER, *LIMITS],
        responses={202: SubmittedSerializer, **problems(400, 404, 409, 413, 415, 422, 429)},
    )
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Submit a comment on a post. Its author gets an email with a link to confirm it; then moderators read it.

        The answer is the same whether or not the address is known. When `notice` is not the version in force, nothing
        is stored (422): show your user the new notice, and submit again with its id.

        When the text has what looks like personal details, nothing is stored either (422, with the code
        `personal-details`, and their kinds as the names of `errors`): ask its author, and submit again with what they
        let stand in `accepted`.
        """
        notice_in_force(request)
        post = post_by_id(request, pk)
        made = once(request, lambda: _submit(request, post).pk)
        detail, sent = _("Check your email to confirm the comment"), tokens.make("comment-sent", made)
        return Response({"detail": detail, "sent": sent}, status=202)


class Confirmation(APIView):
    """The code from the mail."""

    @extend_schema(
        summary="Confirm a comment by its code",
        parameters=[TOKEN, PARAMETER, *LIMITS],
        request=CodeSerializer,
        responses={200: StandingSerializer, **problems(400, 404, 409, 413, 415, 422, 429)},
    )
    def post(self, request: ApiRequest, token: str) -> Response:
        """Confirm the comment that `sent` names, with the code that its author was mailed. It goes to the moderators.

        The answer is the same for a wrong code, one that was used, one of an earlier mail, and after five tries (422).
        Where comments have closed since, and the blog keeps none such, the comment is deleted (409, `comments-closed`).
        """
        comment = shown_to_its_sender(request, token)
        if comment is None:
            raise _nothing()
        confirmed = once(request, lambda: _confirm(request, comment))
        stands = Comment.objects.select_related("post__blog").filter(pk=confirmed).first()
        if stands is None:  # erased since
            raise _nothing()
        return Response(StandingSerializer(stands).data)


class Standing(APIView):
    """Where a comment stands."""

    @extend_schema(
        summary="See where a comment stands",
        parameters=[TOKEN],
        responses={200: StandingSerializer, **problems(404)},
    )
    def get(self, request: ApiRequest, token: str) -> Response:
        """Where the comment stands that `status` names: the token in the link of a mail to its author, too."""
        return Response(StandingSerializer(_own(request, token)).data)


class Withdrawal(APIView):
    """Its author takes a comment back."""

    @extend_schema(
        summary="Withdraw a comment",
        parameters=[TOKEN, PARAMETER],
        request=None,
        responses={200: StandingSerializer, **problems(400, 404, 409, 422)},
    )
    def post(self, request: ApiRequest, token: str) -> Response:
        """Take back the comment that `status` names, whatever was decided. To do it twice is to do it once."""
        comment = _own(request, token)
        once(request, lambda: (comment.withdraw(), comment.pk)[1])
        return Response(StandingSerializer(_own(request, token)).data)


def _submit(request: ApiRequest, post: Post) -> Comment:
    """Raises Refused."""
    data: dict[str, Any] = form_data(NewCommentSerializer, request)
    data["accepted"] = " ".join(data.get("accepted", []))
    form = CommentForm(data, post=post, on_page=False)
    if comment := submit(request, form):
        return comment
    if form.warned and not form.errors:
        raise Refused(form.questions(), code="personal-details")
    headers = form.budget.headers() if form.budget else {}
    raise Refused(form.errors, form.error_status, "comments-closed" if form.closed else "", headers)


def _confirm(request: ApiRequest, comment: Comment) -> int:
    """The number of the comment that stands. Raises Refused."""
    form = CodeForm(form_data(CodeSerializer, request))
    if not form.is_valid():
        raise Refused(form.errors)
    network = client_network(request)
    try:
        if not comment.try_code(form.cleaned_data["code"], network):
            raise Refused({"code": [WRONG_CODE]})
        if closed := closing.too_late(comment):
            closing.drop(comment)
            raise Refused({NON_FIELD_ERRORS: [closed.words()]}, HTTPStatus.CONFLICT, "comments-closed")
        comment.confirm(network)
    except BudgetExceeded as error:
        words = _("There was too much of this just now. Try again later")
        raise Refused({NON_FIELD_ERRORS: [words]}, HTTPStatus.TOO_MANY_REQUESTS, headers=error.headers()) from error
    return comment.kept().pk


def _own(request: ApiRequest, token: str) -> Comment:
    comment = named_by(request, "comment-status", token)
    if comment is None:
        raise _nothing()
    return comment


def _nothing() -> NotFound:
    return NotFound(_("There is no comment with this token, or no longer"))
