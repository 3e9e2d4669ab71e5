from django.contrib import admin
from django.urls import path

from . import views

urlpatterns = [
    path('', views.show_list),
    path('article/<slug:slug>', views.show_article),
    path('archive', views.stream_archive),
    path('articles.json', views.list_as_json),
    path('upload', views.upload),
    path('admin/', admin.site.urls),
]
