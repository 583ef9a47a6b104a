"""What programs may do to tell others: sign somebody up, who then confirms it, and see where a post can be shared."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from blog.api import ApiRequest, notice_in_force, post_by_id
from postbag.jsonbody import CheckYourEmail, Id, Text, form_data
from postbag.problems import Refused, problems
from sharing.forms import SubscribeForm
from sharing.links import share_links
from sharing.views import submit


class NewSubscriptionSerializer(serializers.Serializer):
    """A sign-up for the alerts of the blog at this host."""

    email = Text(help_text="Where the alerts go, once its owner has confirmed it.")
    notice = Id(help_text="The id of the privacy notice that its owner was shown.")


class ShareTargetSerializer(serializers.Serializer):
    """A place to share a post to."""

    target = serializers.CharField(help_text="A name for programs, such as “mastodon”.")
    label = serializers.CharField(help_text="A name for people.")  # type: ignore[assignment]
    url = serializers.CharField(
        help_text="A plain link that opens it with the post filled in; for email, a mailto: link."
    )


class Subscriptions(APIView):
    """People who asked for alerts."""

    @extend_schema(
        summary="Sign up for alerts",
        request=NewSubscriptionSerializer,
        responses={202: CheckYourEmail, **problems(400, 404, 413, 415, 422, 429)},
    )
    def post(self, request: ApiRequest) -> Response:
        """Sign an address up for an email about each new post. None is sent before its owner confirms it by email.

        The answer is the same whether or not the address is known. When `notice` is not the version in force, nothing
        is stored (422): show your user the new notice, and sign up again with its id.
        """
        notice_in_force(request)
        form = SubscribeForm(form_data(NewSubscriptionSerializer, request), blog=request.blog)
        if not submit(request, form):
            raise Refused(form.errors, form.error_status, headers=form.budget.headers() if form.budget else None)
        return Response({"detail": _("Check your email to confirm the sign-up")}, status=202)


class ShareTargets(APIView):
    """Where a post can be shared."""

    @extend_schema(
        summary="See where a post can be shared",
        responses={200: ShareTargetSerializer(many=True), **problems(404)},
    )
    def get(self, request: ApiRequest, pk: int) -> Response:
        """Plain links that share a post. None of them tells anybody anything before it is followed."""
        links = share_links(post_by_id(request, pk))
        return Response(ShareTargetSerializer(links, many=True).data)
