"""The pages of mail: “never write to me again”, and the inbox of the embedded default."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from mail import desk, views
from mail import inbox_views as inbox

urlpatterns: list[URLPattern | URLResolver] = [
    path("desk/mail/", desk.mailouts, name="mailouts"),
    path("desk/mail/<int:pk>/", desk.mailout, name="mailout"),
    path("desk/mail/<int:pk>/preview/", desk.preview, name="mailout-preview"),
    path("desk/mail/<int:pk>/recipients/", desk.recipients, name="mailout-recipients"),
    path("desk/mail/<int:pk>/act/", desk.act, name="mailout-act"),
    path("mail/stop/<token:token>/", views.stop, name="mail-stop"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/messages.json", inbox.messages, name="inbox-messages"),
    path("inbox/deletion/", inbox.deletion, name="inbox-deletion"),
    path("inbox/<slug:key>/", inbox.message, name="inbox-message"),
    path("inbox/<slug:key>/html/", inbox.letter, name="inbox-letter"),
]
if settings.ANYMAIL.get("WEBHOOK_SECRET"):
    urlpatterns.append(path("mail/webhooks/", include("mail.webhooks")))
