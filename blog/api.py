"""What programs read: posts and the privacy notice."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ParseError
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request

from blog.closures import Why
from blog.models import Author, Category, Post, PostQuerySet, PrivacyNotice
from blog.views import BlogRequest
from postbag.problems import problems


class ApiRequest(Request, BlogRequest):
    """DRF's request, for one that BlogHostMiddleware has seen."""


LIMIT = {
    "name": "limit",
    "in": "query",
    "schema": {"type": "integer", "minimum": 1},
    "description": "How many to return: 20 if not given, 100 at most.",
}
OFFSET = {
    "name": "offset",
    "in": "query",
    "schema": {"type": "integer", "minimum": 0},
    "description": "How many to leave out before the first.",
}


class Pages(LimitOffsetPagination):
    """`?limit=` and `?offset=`."""

    def get_limit(self, request: Request) -> int:
        return asked_number(request, "limit", 20, 1, 100)

    def get_offset(self, request: Request) -> int:
        return asked_number(request, "offset", 0, 0, 10**9)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [LIMIT, OFFSET]


def asked_number(request: Request, name: str, default: int, lowest: int, highest: int) -> int:
    """The number in the query string, or the highest that we have room for. Raises ParseError for what is none."""
    asked = request.query_params.get(name, str(default))
    if not (asked.isascii() and asked.isdigit()) or int(asked[:12]) < lowest:
        raise ParseError(_("%(name)s must be a whole number from %(lowest)s up") % {"name": name, "lowest": lowest})
    return min(int(asked[:12]), highest)


class _Link(serializers.Serializer):
    """A name and the page behind it."""

    name = serializers.CharField()
    url = serializers.SerializerMethodField()

    def get_url(self, linked: Author | Category) -> str:
        return self.context["request"].blog.url(linked.get_absolute_url())


class AuthorSerializer(_Link):
    """Somebody who wrote the post."""


class CategorySerializer(_Link):
    """A subject that the post is filed under."""


class PostSerializer(serializers.ModelSerializer):
    """A post, as lists show it."""

    url = serializers.URLField(source="full_url", help_text="Its page on the blog.")
    excerpt = serializers.CharField(help_text="How it begins, as text.")
    authors = AuthorSerializer(many=True)
    categories = CategorySerializer(many=True)

    class Meta:
        model = Post
        fields = ["id", "title", "url", "published_at", "excerpt", "authors", "categories"]
        read_only_fields = fields


class NoticeSerializer(serializers.ModelSerializer):
    """A version of the privacy notice. Show it, or link to it, before you send what a person wrote."""

    url = serializers.SerializerMethodField(help_text="Its page on the blog.")
    html = serializers.CharField(source="body_html")

    class Meta:
        model = PrivacyNotice
        fields = ["id", "version", "published_at", "url", "html"]
        read_only_fields = fields

    def get_url(self, notice: PrivacyNotice) -> str:
        return self.context["request"].blog.url(reverse("privacy"))


class NoticeLinkSerializer(NoticeSerializer):
    """Which privacy notice is in force. Send its id with what a person wrote, once you have shown it."""

    class Meta(NoticeSerializer.Meta):
        fields = ["id", "url"]


class ClosedSerializer(serializers.Serializer):
    """That comments are closed."""

    why = serializers.ChoiceField(Why.choices, help_text="Of several reasons the most specific.")
    since = serializers.DateTimeField(allow_null=True, help_text="Since when, where that is known.")
    until = serializers.DateTimeField(allow_null=True, help_text="When they open again by themselves, if they do.")
    notice = serializers.CharField(allow_blank=True, help_text="What the blog says of it.")
    words = serializers.CharField(help_text="All of it, for a person to read.")


class WholePostSerializer(PostSerializer):
    """A post with its text."""

    html = serializers.CharField(source="body_html")
    comments_open = serializers.BooleanField(source="takes_comments", help_text="Whether it takes comments now.")
    comments_closed = ClosedSerializer(
        source="closure", allow_null=True, help_text="Why it takes none, if it does not."
    )
    privacy_notice = serializers.SerializerMethodField()

    class Meta(PostSerializer.Meta):
        fields = [*PostSerializer.Meta.fields, "html", "comments_open", "comments_closed", "privacy_notice"]
        read_only_fields = fields

    @extend_schema_field(NoticeLinkSerializer(allow_null=True))
    def get_privacy_notice(self, post: Post) -> dict[str, Any] | None:
        notice = post.blog.notices.first()
        return NoticeLinkSerializer(notice, context=self.context).data if notice else None


@extend_schema_view(
    get=extend_schema(summary="List posts", responses={200: PostSerializer(many=True), **problems(400)})
)
class Posts(ListAPIView):
    """The public posts of the blog at this host, newest first."""

    serializer_class = PostSerializer
    pagination_class = Pages
    request: ApiRequest

    def get_queryset(self) -> PostQuerySet:
        posts = self.request.blog.posts.public().newest_first()
        return posts.prefetch_related("authors", "categories").defer("body", "body_html")


@extend_schema_view(get=extend_schema(summary="Read a post", responses={200: WholePostSerializer, **problems(404)}))
class OnePost(RetrieveAPIView):
    """A public post with its text as HTML, and the privacy notice that is in force."""

    serializer_class = WholePostSerializer
    request: ApiRequest

    def get_object(self) -> Post:
        return post_by_id(self.request, self.kwargs["pk"])


@extend_schema_view(
    get=extend_schema(summary="Read the privacy notice", responses={200: NoticeSerializer, **problems(404)})
)
class Notice(RetrieveAPIView):
    """The privacy notice in force. Whatever a person sends carries the id of the version that they were shown."""

    serializer_class = NoticeSerializer
    request: ApiRequest

    def get_object(self) -> PrivacyNotice:
        return notice_in_force(self.request)


def post_by_id(request: ApiRequest, pk: int) -> Post:
    """A public post of the blog that was asked. Raises Http404."""
    return get_object_or_404(request.blog.posts.public(), pk=pk)


def notice_in_force(request: ApiRequest) -> PrivacyNotice:
    """What people see before anything of theirs is sent. Raises NotFound on a blog without one, which takes nothing."""
    notice = request.blog.notices.first()
    if notice is None:
        raise NotFound(_("This blog has no privacy notice yet"))
    return notice
