"""The API, by app."""

from django.urls import path, re_path

import blog.api
import moderation.api
import sharing.api
from postbag import api_docs, converters
from postbag.private import behind_link

converters.register()

urlpatterns = [
    path("posts/", blog.api.Posts.as_view(), name="api-posts"),
    path("posts/<int:pk>/", blog.api.OnePost.as_view(), name="api-post"),
    path("posts/<int:pk>/comments/", moderation.api.Comments.as_view(), name="api-comments"),
    path("comments/sent/<token:token>/confirmation/", behind_link(moderation.api.Confirmation.as_view())),
    path("comments/status/<token:token>/", behind_link(moderation.api.Standing.as_view()), name="api-standing"),
    path("comments/status/<token:token>/withdrawal/", behind_link(moderation.api.Withdrawal.as_view())),
    path("posts/<int:pk>/share-targets/", sharing.api.ShareTargets.as_view(), name="api-share-targets"),
    path("privacy-notice/", blog.api.Notice.as_view(), name="api-privacy-notice"),
    path("subscriptions/", sharing.api.Subscriptions.as_view(), name="api-subscriptions"),
    path("schema/", api_docs.schema, name="schema"),
    path("docs/", api_docs.docs, name="api-docs"),
    re_path(r"^(?P<rest>[\s\S]*)\Z", api_docs.nothing_here),  # an address may have line ends in it
]
