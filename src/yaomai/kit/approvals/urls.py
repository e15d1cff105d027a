from django.urls import path

from yaomai.kit.approvals import views

app_name = "approvals"

urlpatterns = [
    path("", views.request_list, name="request_list"),
    path("<int:pk>/", views.request_detail, name="request_detail"),
    path("<int:pk>/decide", views.request_decide, name="request_decide"),
    path("deputies/", views.delegation_list, name="delegation_list"),
    path("deputies/<int:pk>/end", views.delegation_end, name="delegation_end"),
]
