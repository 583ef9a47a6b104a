"""The reader's side, then the desk."""

from django.urls import path

from moderation import bulk, confirming, desk, feeds, figures_views, official, reading, reporting, sent, standing, views
from postbag.converters import POST

urlpatterns = [
    path(f"{POST}comments/", views.comments, name="comments"),
    path(f"{POST}comments/<number:parent>/reply/", views.reply, name="reply"),
    path(f"{POST}comments/<number:root>/", reading.thread, name="thread"),
    path(f"{POST}comments/feed/", feeds.of_post, name="post-comments-feed"),
    path("comments/<number:pk>/", reading.permalink, name="comment-permalink"),
    path("comments/<number:pk>/report/", reporting.report, name="comment-report"),
    path("comments/<number:pk>/reported/", reporting.reported, name="comment-reported"),
    path("comments/feed/", feeds.of_blog, name="comments-feed"),
    path("comments/new/<number:pk>/", views.new, name="comment-new"),
    path("comments/work/<number:pk>/", views.to_work, name="comment-work"),
    path("comments/new/forget-me/", confirming.forget_me, name="forget-me"),
    path("comments/sent/<token:token>/", sent.sent, name="comment-sent"),
    path("comments/sent/<token:token>/again/", sent.again, name="comment-sent-again"),
    path("comments/sent/<token:token>/address/", sent.address, name="comment-sent-address"),
    path("comments/sent/<token:token>/code/", sent.code, name="comment-sent-code"),
    path("comments/confirm/<token:token>/", confirming.confirm, name="comment-confirm"),
    path("comments/status/<token:token>/", standing.status, name="comment-status"),
    path("comments/status/<token:token>/edit/", standing.edit, name="comment-edit"),
    path("comments/status/<token:token>/withdraw/", standing.withdraw, name="comment-withdraw"),
    path("comments/status/<token:token>/appeal/", standing.appeal, name="comment-appeal"),
    path("comments/status/<token:token>/replies/", standing.ask_for_replies, name="comment-replies"),
    path("comments/replies/end/<token:token>/", standing.end_replies, name="replies-end"),
    path("guidelines/", views.guidelines, name="guidelines"),
    path("guidelines/figures/", figures_views.public, name="figures"),
    path("desk/figures/", figures_views.desk, name="desk-figures"),
    path("desk/", desk.listed, {"tab": "queue"}, name="desk"),
    path("desk/held/", desk.listed, {"tab": "held"}, name="desk-held"),
    path("desk/likely-spam/", desk.listed, {"tab": "spam"}, name="desk-spam"),
    path("desk/reported/", desk.listed, {"tab": "reported"}, name="desk-reported"),
    path("desk/edits/", desk.listed, {"tab": "edits"}, name="desk-edits"),
    path("desk/appeals/", desk.listed, {"tab": "appeals"}, name="desk-appeals"),
    path("desk/decided/", desk.listed, {"tab": "decided"}, name="desk-decided"),
    path("desk/bulk/", bulk.bulk, name="desk-bulk"),
    path("desk/comments/<number:pk>/", desk.comment, name="desk-comment"),
    path("desk/comments/<number:pk>/decision/", desk.decision, name="desk-decision"),
    path("desk/comments/<number:pk>/edit/", desk.edit_decision, name="desk-edit"),
    path("desk/comments/<number:pk>/appeal/", desk.appeal_answer, name="desk-appeal"),
    path("desk/comments/<number:pk>/official-reply/", official.official_reply, name="desk-official-reply"),
]
