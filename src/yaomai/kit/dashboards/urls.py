from django.urls import path

from yaomai.kit.dashboards import pack_views, views

app_name = "dashboards"

urlpatterns = [
    path("", views.home, name="home"),
    path("new", views.board_new, name="board_new"),
    path("<int:pk>/", views.board, name="board"),
    path("<int:pk>/edit", views.board_edit, name="board_edit"),
    path("<int:pk>/share", views.board_share, name="board_share"),
    path("<int:pk>/archive", views.board_archive, name="board_archive"),
    path("<str:board>/document.<str:suffix>", views.document, name="document"),
    path("packs/", pack_views.pack_list, name="pack_list"),
    path("packs/new", pack_views.pack_new, name="pack_new"),
    path("packs/<int:pk>/edit", pack_views.pack_edit, name="pack_edit"),
    path("packs/<int:pk>/archive", pack_views.pack_archive, name="pack_archive"),
    path("packs/<int:pk>/try", pack_views.pack_try, name="pack_try"),
    path("received/<int:pk>/file.<str:suffix>", pack_views.delivery_file, name="delivery_file"),
    path("cards/<str:key>/", views.card, name="card"),
    path("cards/<str:key>/export", views.card_export, name="card_export"),
]
