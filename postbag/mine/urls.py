"""What we hold about a person, for that person."""

from django.urls import path

from postbag.mine import views

urlpatterns = [
    path("my/", views.ask, name="mine-ask"),
    path("my/sent/", views.sent, name="mine-sent"),
    path("my/<token:token>/", views.overview, name="mine"),
    path("my/<token:token>/data.json", views.as_json, name="mine-json"),
    path("my/<token:token>/data.csv", views.as_csv, name="mine-csv"),
    path("my/<token:token>/comments/<number:pk>/withdrawal/", views.withdrawal, name="mine-withdrawal"),
    path("my/<token:token>/alerts/<number:pk>/ending/", views.ending, name="mine-ending"),
    path("my/<token:token>/erasure/", views.erasure, name="mine-erasure"),
]
