"""The two steps of WeCom's sign-in: send the browser there, and ask who came back.

Source: 企业微信开发者中心, 网页授权登录 (91022, 91023) and 企业微信 Web 登录 (98151, 98152).
"""

from typing import Any
from urllib.parse import urlencode

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2Adapter, OAuth2CallbackView, OAuth2LoginView
from django.http import HttpRequest

SILENT_URL = "https://open.weixin.qq.com/connect/oauth2/authorize"
QR_URL = "https://login.work.weixin.qq.com/wwlogin/sso/login"
TOKEN_URL = "https://qyapi.weixin.qq.com/cgi-bin/gettoken"  # noqa: S105, an address
MEMBER_URL = "https://qyapi.weixin.qq.com/cgi-bin/auth/getuserinfo"
TIMEOUT = 10


def is_inside_wecom(request: HttpRequest) -> bool:
    """Tell whether the page is open in WeCom's own browser."""
    return "wxwork" in request.headers.get("User-Agent", "").lower()


class WeComClient(OAuth2Client):  # type: ignore[misc]
    """WeCom names its parameters differently, and has two doors."""

    def get_redirect_url(self, authorization_url: str, scope: Any, extra_params: Any) -> str:
        common = {"appid": self.consumer_key, "redirect_uri": self.callback_url, "state": self.state}
        agent = get_adapter().get_app(self.request, provider="wecom").settings.get("agent_id", "")
        if is_inside_wecom(self.request):
            silent = {"response_type": "code", "scope": "snsapi_base", "agentid": agent}
            return f"{SILENT_URL}?{urlencode(common | silent)}#wechat_redirect"
        return f"{QR_URL}?{urlencode({'login_type': 'CorpApp', 'agentid': agent} | common)}"

    def get_access_token(self, code: str, pkce_code_verifier: str | None = None, extra_data: Any = None) -> Any:
        """Return the application's token with the member's code beside it; WeCom ties the two in the next step."""
        answer = _answer(TOKEN_URL, {"corpid": self.consumer_key, "corpsecret": self.consumer_secret})
        return {"access_token": answer["access_token"], "expires_in": answer.get("expires_in"), "code": code}


def _answer(url: str, params: dict[str, str]) -> dict[str, Any]:
    """Return WeCom's answer.

    Raises:
        OAuth2Error: it is an error; WeCom's number is kept, its text may hold the secret and is not.
    """
    with get_adapter().get_requests_session() as session:
        response = session.get(url, params=params, timeout=TIMEOUT)
        response.raise_for_status()
        try:
            answer = response.json()
        except ValueError:
            raise OAuth2Error("WeCom did not answer with JSON") from None
    if not isinstance(answer, dict) or answer.get("errcode", 0) != 0:
        number = answer.get("errcode") if isinstance(answer, dict) else "?"
        raise OAuth2Error(f"WeCom refused with errcode {number}")
    return answer


class WeComAdapter(OAuth2Adapter):  # type: ignore[misc]
    provider_id = "wecom"
    client_class = WeComClient
    access_token_url = TOKEN_URL
    authorize_url = QR_URL

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        """Ask who the code belongs to.

        Raises:
            OAuth2Error: WeCom refuses, or the visitor is no member of the company.
        """
        member = _answer(MEMBER_URL, {"access_token": token.token, "code": kwargs["response"]["code"]})
        user_id = member.get("userid") or member.get("UserId")
        if not user_id:
            raise OAuth2Error("the visitor is not a member of the company")
        # The application's token is everybody's: it is not kept with one person.
        token.token = ""
        return self.get_provider().sociallogin_from_response(request, {"userid": str(user_id)})


login_view = OAuth2LoginView.adapter_view(WeComAdapter)
callback_view = OAuth2CallbackView.adapter_view(WeComAdapter)
