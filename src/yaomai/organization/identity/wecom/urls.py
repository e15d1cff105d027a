from django.urls import path

from yaomai.organization.identity.wecom import views

urlpatterns = [
    path("wecom/login/", views.login_view, name="wecom_login"),
    path("wecom/login/callback/", views.callback_view, name="wecom_callback"),
]
