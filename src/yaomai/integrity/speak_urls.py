from django.urls import path

from yaomai.integrity import speak_views

app_name = "speak_up"

urlpatterns = [
    path("", speak_views.home, name="home"),
    path("report", speak_views.report, name="report"),
    path("status", speak_views.status, name="status"),
    path("reply", speak_views.reply, name="reply"),
]
