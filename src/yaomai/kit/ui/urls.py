from django.urls import path

from yaomai.kit.ui import views

app_name = "ui"

urlpatterns = [
    path("palette", views.palette_choices, name="palette"),
    path("ui/theme", views.set_theme, name="theme"),
    path("ui/language", views.set_language, name="language"),
    path("help/<slug:slug>/", views.help_chapter, name="help"),
    path("ui/guide/", views.style_guide, name="guide"),
]
