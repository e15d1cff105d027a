from django.urls import path

from yaomai.commerce import views
from yaomai.kit.surfaces.urls import surface_urls

app_name = "commerce"

urlpatterns = [
    path("review/", views.review, {"kind": "institution"}, name="review_first"),
    path("review/<slug:kind>/", views.review, name="review"),
    path("review/<slug:kind>/rematch", views.rematch, name="rematch"),
    path("names/<int:pk>/decide", views.decide, name="decide"),
    path("names/<int:pk>/reopen", views.reopen, name="reopen"),
    path("batches/<int:pk>/roll-back", views.roll_back, name="roll_back"),
    *surface_urls("commerce"),
]
