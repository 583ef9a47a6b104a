"""The reader's side, then the desk."""

from django.urls import path

from moderation import confirming, desk, feeds, reading, standing, views
from postbag.converters import POST

urlpatterns = [
    path(f"{POST}comments/", views.comments, name="comments"),
    path(f"{POST}comments/<number:parent>/reply/", views.reply, name="reply"),
    path(f"{POST}comments/sent/", confirming.sent, name="comment-sent"),
    path(f"{POST}comments/<number:root>/", reading.thread, name="thread"),
    path(f"{POST}comments/feed/", feeds.of_post, name="post-comments-feed"),
    path("comments/<number:pk>/", reading.permalink, name="comment-permalink"),
    path("comments/feed/", feeds.of_blog, name="comments-feed"),
    path("comments/confirm/<token:token>/", confirming.confirm, name="comment-confirm"),
    path("comments/status/<token:token>/", standing.status, name="comment-status"),
    path("comments/replies/end/<token:token>/", standing.end_replies, name="replies-end"),
    path("guidelines/", views.guidelines, name="guidelines"),
    path("desk/", desk.queue, name="desk"),
    path("desk/decided/", desk.decided, name="desk-decided"),
    path("desk/comments/<number:pk>/", desk.comment, name="desk-comment"),
    path("desk/comments/<number:pk>/decision/", desk.decision, name="desk-decision"),
]
