from django.urls import path

from yaomai.kit.dashboards import views

app_name = "dashboards"

urlpatterns = [
    path("", views.home, name="home"),
    path("new", views.board_new, name="board_new"),
    path("<int:pk>/", views.board, name="board"),
    path("<int:pk>/edit", views.board_edit, name="board_edit"),
    path("<int:pk>/share", views.board_share, name="board_share"),
    path("<int:pk>/archive", views.board_archive, name="board_archive"),
    path("<str:board>/document.<str:suffix>", views.document, name="document"),
    path("cards/<str:key>/", views.card, name="card"),
    path("cards/<str:key>/export", views.card_export, name="card_export"),
]
