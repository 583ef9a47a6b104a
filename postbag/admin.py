"""The staff's accounts in the admin: Django's own page, but for what our clock makes of it."""

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.http import HttpRequest

from postbag.signin.accounts import count_from_now

admin.site.unregister(User)


@admin.register(User)
class AccountAdmin(UserAdmin):
    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        """Who opens an account again wants it open for longer than until the clock comes by."""
        if obj.is_active and "is_active" in form.changed_data:
            count_from_now(obj)
        super().save_model(request, obj, form, change)
