"""The emulator's application, with what it keeps to itself opened to the sandbox.

On AWS only AWS services put events with a source of `aws.*` on a bus. The sandbox stands in for such services, so its
own calls, and nobody else's, may do that: they carry the token that the emulator was started with.
"""

import contextvars
import os

from ministack.app import app as emulator
from ministack.services import eventbridge

_token = os.environ.pop("SANDBOX_TOKEN").encode()
_from_sandbox = contextvars.ContextVar("from_sandbox", default=False)
_put_events = eventbridge._put_events


def put_events(data, allow_aws_source=False):
    return _put_events(data, allow_aws_source or _from_sandbox.get())


eventbridge._put_events = put_events


async def app(scope, receive, send):
    headers = dict(scope.get("headers") or [])
    _from_sandbox.set(headers.get(b"x-sandbox-token") == _token)
    await emulator(scope, receive, send)
