from django.urls import path

from yaomai.kit.audit import views

app_name = "audit"

urlpatterns = [
    path("", views.entry_list, name="entry_list"),
    path("<int:pk>/", views.entry_detail, name="entry_detail"),
    path("verify/", views.verification, name="verify"),
    path("export", views.export, name="export"),
]
