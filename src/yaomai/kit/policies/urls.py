from django.urls import path

from yaomai.kit.policies import views

app_name = "policies"

urlpatterns = [
    path("", views.policy_list, name="policy_list"),
    path("versions/<int:pk>/", views.version_detail, name="version_detail"),
    path("versions/<int:pk>/decide", views.version_decide, name="version_decide"),
    path("<str:name>/", views.policy_detail, name="policy_detail"),
    path("<str:name>/edit", views.policy_edit, name="policy_edit"),
    path("<str:name>/compare", views.policy_compare, name="policy_compare"),
]
