from django.urls import path

from yaomai.kit.attachments import views

app_name = "attachments"

urlpatterns = [
    path("<str:carrier>/<int:carrier_id>/add", views.attachment_add, name="attachment_add"),
    path("<int:pk>/file", views.attachment_file, name="attachment_file"),
    path("<int:pk>/take-away", views.attachment_take_away, name="attachment_take_away"),
]
