"""A client that signs in like a browser and writes over REST, and keeps its own list of what was acknowledged."""

import http.client
import http.cookies
import json
import threading
import time
from collections import Counter
from collections.abc import Mapping
from urllib.parse import urlencode

NEW = {"kind": "hospital", "status": "active"}


class Session:
    """One signed-in client; every request is a connection of its own, so that none is tied to a killed process."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        self.headers: Mapping[str, str] = {}
        """Of the last answer."""

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Return status and body.

        Raises:
            OSError: no whole answer came; what was asked may or may not have happened.
        """
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            connection.request(method, path, body, {"Cookie": cookies, **(headers or {})})
            answer = connection.getresponse()
            content = answer.read()
            self.headers = answer.headers
            for text in answer.headers.get_all("Set-Cookie") or []:
                for name, morsel in http.cookies.SimpleCookie(text).items():
                    self.cookies[name] = morsel.value
            return answer.status, content
        except http.client.HTTPException as error:
            raise ConnectionError(type(error).__name__) from error
        finally:
            connection.close()

    def sign_in(self, username: str, password: str) -> None:
        """Send the sign-in form."""
        self.request("GET", "/accounts/login/")
        status, content = self.send_form("/accounts/login/", {"login": username, "password": password})
        assert status == 302, (status, content[-2000:].decode())

    def send_form(self, path: str, values: dict[str, str]) -> tuple[int, bytes]:
        """Send a form of a page."""
        content = urlencode(values | {"csrfmiddlewaretoken": self.cookies["csrftoken"]}).encode()
        return self.request("POST", path, content, {"Content-Type": "application/x-www-form-urlencoded"})

    def post(self, path: str, values: dict[str, object]) -> tuple[int, bytes]:
        """Send JSON."""
        headers = {"Content-Type": "application/json", "X-CSRFToken": self.cookies["csrftoken"]}
        return self.request("POST", path, json.dumps(values).encode(), headers)

    def attach(self, path: str, name: str, content: bytes) -> tuple[int, bytes]:
        """Send a file."""
        edge = "edge-of-the-parts"
        head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        headers = {"Content-Type": f"multipart/form-data; boundary={edge}", "X-CSRFToken": self.cookies["csrftoken"]}
        return self.request("POST", path, head.encode() + content + f"\r\n--{edge}--\r\n".encode(), headers)


class Writer(threading.Thread):
    """Creates institutions one after the other until told to stop; a code is sent once and never again."""

    def __init__(self, name: str, session: Session) -> None:
        super().__init__(name=name, daemon=True)
        self.session = session
        self.sent: set[str] = set()
        self.done: set[str] = set()
        self.answers: Counter[str] = Counter()
        self.refusal = b""
        self.ending = threading.Event()

    def run(self) -> None:
        while not self.ending.is_set():
            code = f"{self.name}-{len(self.sent) + 1}"
            self.sent.add(code)
            try:
                status, content = self.session.post(
                    "/api/v1/customers/institutions/", NEW | {"name": f"第{code}人民医院", "code": code}
                )
            except OSError as error:
                self.answers[type(error).__name__] += 1
                time.sleep(0.05)
                continue
            self.answers[str(status)] += 1
            if status == 201:
                self.done.add(code)
            else:
                self.refusal = content
            # A quick person, not a load test: what is measured is recovery, on the same two cores.
            time.sleep(0.05)

    def stop(self) -> None:
        self.ending.set()
        self.join(30)
        assert not self.is_alive()
