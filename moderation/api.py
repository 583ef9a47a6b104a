"""What programs may do with comments: read the approved ones, and submit one for its author to confirm."""

from typing import Any

from django.db.models import Case, F, When
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.response import Response

from blog.api import ApiRequest, Pages, notice_in_force, post_by_id
from moderation import personal
from moderation.forms import CommentForm
from moderation.models import Comment, CommentQuerySet
from moderation.views import submit
from postbag.jsonbody import CheckYourEmail, Id, Text, form_data
from postbag.problems import Refused, problems


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


@extend_schema_view(
    get=extend_schema(summary="List a post's comments", responses={200: CommentSerializer(many=True), **problems(404)})
)
class Comments(ListAPIView):
    """The approved comments on a post, oldest first. `parent` tells which comment one answers."""

    serializer_class = CommentSerializer
    pagination_class = Pages
    request: ApiRequest

    def get_queryset(self) -> CommentQuerySet:
        comments = post_by_id(self.request, self.kwargs["pk"]).comments.public().in_thread()
        return comments.annotate(answered=Case(When(parent__state=Comment.State.APPROVED, then=F("parent_id"))))

    @extend_schema(
        summary="Submit a comment",
        request=NewCommentSerializer,
        responses={202: CheckYourEmail, **problems(400, 404, 409, 413, 415, 422, 429)},
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
        data: dict[str, Any] = form_data(NewCommentSerializer, request)
        data["accepted"] = " ".join(data.get("accepted", []))
        form = CommentForm(data, post=post_by_id(request, pk), on_page=False)
        if submit(request, form) is None:
            if form.warned and not form.errors:
                raise Refused(form.questions(), code="personal-details")
            raise Refused(form.errors, form.error_status, code="comments-closed" if form.closed else "")
        return Response({"detail": _("Check your email to confirm the comment")}, status=202)
