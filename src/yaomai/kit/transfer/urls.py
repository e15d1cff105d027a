from django.urls import path

from yaomai.kit.transfer import views

app_name = "transfer"

urlpatterns = [
    path("", views.import_list, name="import_list"),
    path("new/<str:importer>/", views.import_new, name="import_new"),
    path("template/<str:importer>", views.template, name="template"),
    path("<int:pk>/", views.import_detail, name="import_detail"),
    path("<int:pk>/map", views.import_map, name="import_map"),
    path("<int:pk>/apply", views.import_apply, name="import_apply"),
    path("<int:pk>/undo", views.import_undo, name="import_undo"),
    path("<int:pk>/returned", views.import_returned, name="import_returned"),
]
