"""Where blogs are set up and posts are written."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.closures import Closure
from blog.models import Author, Blog, Category, Post, PrivacyNotice
from blog.modes import WithMode


class PostForm(forms.ModelForm):
    """A post whose authors and categories are those of its own blog."""

    class Meta:
        model = Post
        fields = [
            "blog",
            "title",
            "slug",
            "authors",
            "categories",
            "body",
            "state",
            "published_at",
            "comments_open",
            "read_first",
            "send_alert",
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name in ["authors", "categories"]:
            if any(chosen.blog != data.get("blog") for chosen in data.get(name, [])):
                self.add_error(name, _("Choose from those of the post’s own blog"))
        return data


MODE = [field.name for field in WithMode._meta.get_fields()]


class BlogForm(forms.ModelForm):
    """A blog. Whether comments are open, and when they are published, is one choice; closed ones remember theirs."""

    CLOSED = "closed"
    mode = forms.ChoiceField(
        choices=[*Blog.Mode.choices, (CLOSED, gettext_lazy("Comments are closed"))],
        label=gettext_lazy("Comments"),
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.comments_open:
            self.initial["mode"] = self.CLOSED

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self.instance.comments_open = data.get("mode") != self.CLOSED
        if not self.instance.comments_open:
            data["mode"] = self.instance.mode
        return data


@admin.register(Blog)
class BlogAdmin(admin.ModelAdmin):
    form = BlogForm
    exclude = ["comments_open"]
    list_display = ["name", "address", "organisation", "comments_open", "mode"]
    search_fields = ["name", "address", "organisation"]
    readonly_fields = ["comments_closed_at"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """A blog's name first: its mode would be, as another class has it."""
        return sorted(super().get_fields(request, obj), key=lambda name: name in MODE)


@admin.register(Author, Category)
class NamedAdmin(admin.ModelAdmin):
    list_display = ["name", "blog"]
    list_filter = ["blog"]
    list_select_related = ["blog"]
    prepopulated_fields = {"slug": ["name"]}
    search_fields = ["name"]


@admin.register(Post)
class PostAdmin(admin.ModelAdmin):
    form = PostForm
    list_display = ["title", "blog", "state", "published_at", "comments_open"]
    list_filter = ["blog", "state", "published_at", "authors", "categories"]
    list_select_related = ["blog"]
    date_hierarchy = "published_at"
    filter_horizontal = ["authors", "categories"]
    prepopulated_fields = {"slug": ["title"]}
    search_fields = ["title", "body"]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new post is for the blog at whose address one writes."""
        return {"blog": request.blog, **super().get_changeform_initial_data(request)}  # type: ignore[attr-defined]

    def view_on_site(self, post: Post) -> str | None:
        """On its own blog's address, once there is something to see."""
        return post.full_url() if post.is_public() else None

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Who wrote it and what it is about are stored after the post itself: the pages change with them."""
        super().save_related(request, form, formsets, change)
        form.instance.blog.raise_page_version()


@admin.register(Closure)
class ClosureAdmin(admin.ModelAdmin):
    """Windows without comments. They may hold for all blogs, so only superusers set them."""

    list_display = ["__str__", "in_force"]
    list_filter = ["blog"]
    list_select_related = ["blog"]

    @admin.display(boolean=True, description=gettext_lazy("In force"))
    def in_force(self, closure: Closure) -> bool:
        return closure.in_force()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_view_permission(self, request: HttpRequest, obj: Closure | None = None) -> bool:
        return _is_superuser(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Closure | None = None) -> bool:
        return _is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Closure | None = None) -> bool:
        return _is_superuser(request)


@admin.register(PrivacyNotice)
class PrivacyNoticeAdmin(admin.ModelAdmin):
    """Versions are added. Nobody edits or deletes one: people agreed to its words."""

    list_display = ["blog", "version", "published_at"]
    list_filter = ["blog"]
    list_select_related = ["blog"]
    readonly_fields = ["version", "published_at"]

    def has_change_permission(self, request: HttpRequest, obj: PrivacyNotice | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PrivacyNotice | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[PrivacyNotice]:
        return super().get_queryset(request).order_by("blog", "-version")


def _is_superuser(request: HttpRequest) -> bool:
    return bool(request.user.is_active and request.user.is_superuser)
