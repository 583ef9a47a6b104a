"""Alerts, from the reader's side."""

from django.urls import path

from sharing import views

urlpatterns = [
    path("subscribe/", views.subscribe, name="subscribe"),
    path("subscribe/sent/", views.sent, name="subscribe-sent"),
    path("subscribe/confirm/<token:token>/", views.confirm, name="subscribe-confirm"),
    path("unsubscribe/<token:token>/", views.unsubscribe, name="unsubscribe"),
]
