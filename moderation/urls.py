"""The reader's side, then the desk."""

from django.urls import path

from moderation import desk, views
from postbag.converters import POST

urlpatterns = [
    path(f"{POST}comments/", views.comments, name="comments"),
    path(f"{POST}comments/<number:parent>/reply/", views.reply, name="reply"),
    path(f"{POST}comments/sent/", views.sent, name="comment-sent"),
    path("comments/confirm/<token:token>/", views.confirm, name="comment-confirm"),
    path("comments/status/<token:token>/", views.status, name="comment-status"),
    path("guidelines/", views.guidelines, name="guidelines"),
    path("desk/", desk.queue, name="desk"),
    path("desk/decided/", desk.decided, name="desk-decided"),
    path("desk/comments/<number:pk>/", desk.comment, name="desk-comment"),
    path("desk/comments/<number:pk>/decision/", desk.decision, name="desk-decision"),
    path("desk/sign-in/", desk.SignIn.as_view(), name="desk-sign-in"),
    path("desk/sign-out/", desk.SignOut.as_view(), name="desk-sign-out"),
]
