"""Security headers of pages and of responses.

Source: OWASP Secure Headers Project; the directives are those of CSP level 3.
"""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Browsers must not interpret responses as pages or scripts, nor let other sites embed them.
DATA_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src {styles}; worker-src 'self';"
    " font-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
)
_OTHERS: Final = (
    *DATA_HEADERS,
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)


class SecurityHeaders:
    """ASGI middleware: adds security headers to responses without a content security policy.

    Args:
        style_nonce: allows style elements with this nonce, besides the gateway's own style sheets.
    """

    def __init__(self, app: ASGIApp, style_nonce: str | None = None) -> None:
        styles = "'self'" if style_nonce is None else f"'self' 'nonce-{style_nonce}'"
        policy = _POLICY.format(styles=styles).encode()
        self._app = app
        self._headers = ((b"content-security-policy", policy), *_OTHERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = dict(message.get("headers", ()))
                if (
                    b"content-security-policy" not in headers
                ):  # browsers enforce both of two policies
                    message["headers"] = [*message.get("headers", ()), *self._headers]
            await send(message)

        await self._app(scope, receive, send_with_headers)
