from django.urls import path

from yaomai.engagement import views
from yaomai.kit.surfaces.urls import surface_urls

app_name = "engagement"

urlpatterns = [
    path("board/", views.board, name="board"),
    path("board/gather", views.gather, name="gather"),
    path("keyaccounts/<int:pk>/", views.account_page, name="keyaccount_detail"),
    path("keyaccounts/<int:pk>/move", views.account_move, name="keyaccount_move"),
    path("keyaccounts/<int:pk>/undo", views.account_undo, name="keyaccount_undo"),
    *surface_urls("engagement"),
]
