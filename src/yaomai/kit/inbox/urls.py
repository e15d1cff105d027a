from django.urls import path

from yaomai.kit.inbox import views

app_name = "inbox"

urlpatterns = [
    path("", views.today, name="today"),
    path("inbox/<int:pk>/snooze", views.snooze, name="snooze"),
    path("inbox/<int:pk>/resolve", views.resolve, name="resolve"),
    path("inbox/<int:pk>/dismiss", views.dismiss, name="dismiss"),
]
