from django.urls import path

from yaomai.kit.surfaces.urls import surface_urls
from yaomai.listing import views

app_name = "listing"

urlpatterns = [
    path("board/", views.board, name="board"),
    path("processes/<int:pk>/", views.process_page, name="process_detail"),
    path("processes/<int:pk>/move", views.process_move, name="process_move"),
    path("processes/<int:pk>/close", views.process_close, name="process_close"),
    path("processes/<int:pk>/stances/new", views.stance_new, name="stance_new"),
    path("committees/<int:pk>/seats/new", views.seat_new, name="seat_new"),
    path("committees/<int:pk>/seats/<int:seat>/end", views.seat_end, name="seat_end"),
    path("institutions/<int:pk>/stages/new", views.holder_new, name="holder_new"),
    path("stages/<int:pk>/end", views.holder_end, name="holder_end"),
    *surface_urls("listing"),
]
