from django.contrib import admin
from django.utils.html import format_html

from .models import Article


@admin.register(Article)
class ArticleAdmin(admin.ModelAdmin):
    """Fields with plain URLs, and a picture that an editor is to see."""

    fields = ['slug', 'title', 'cover', 'body', 'picture']
    readonly_fields = ['picture']

    @admin.display
    def picture(self, article):
        return format_html('<img src="{}" alt="" width="160">', article.cover)
