"""Serves the emulator on a loopback port, with what it keeps to itself opened to the sandbox.

Each function gets an access key of its own, as on AWS, where each runs in a session of its own role: so the endpoint
knows who calls.

On AWS only AWS services put events with a source of `aws.*` on a bus. The sandbox stands in for such services, so its
own calls, and nobody else's, may do that: they carry the token that the emulator was started with.
"""

import asyncio
import contextvars
import hashlib
import os
import resource
import signal
import sys
import threading

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.app import app as emulator
from ministack.core import lambda_runtime
from ministack.services import eventbridge, lambda_svc

_token = os.environ.pop("SANDBOX_TOKEN").encode()
_from_sandbox = contextvars.ContextVar("from_sandbox", default=False)
_put_events = eventbridge._put_events
_execution_credentials = lambda_runtime.execution_credentials


def put_events(data, allow_aws_source=False):
    return _put_events(data, allow_aws_source or _from_sandbox.get())


def execution_credentials(config):
    # The same key as functionKey in sandbox/endpoint/caller.ts.
    digest = hashlib.sha256(config["FunctionName"].encode()).hexdigest()
    return {**_execution_credentials(config), "AWS_ACCESS_KEY_ID": f"ASIA{digest[:16].upper()}"}


async def app(scope, receive, send):
    headers = dict(scope.get("headers") or [])
    _from_sandbox.set(headers.get(b"x-sandbox-token") == _token)
    await emulator(scope, receive, send)


def end_with_parent():
    """Standard input is a pipe from the process that started this one: it ends when that process does, even by SIGKILL."""
    while os.read(0, 1024):
        pass
    os.killpg(0, signal.SIGKILL)


def allow_many_connections():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError):
        pass  # macOS calls the limit infinite and does not take that; what there is will do


def main(port):
    eventbridge._put_events = put_events
    lambda_runtime.execution_credentials = execution_credentials
    lambda_svc.execution_credentials = execution_credentials
    allow_many_connections()
    threading.Thread(target=end_with_parent, daemon=True).start()
    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    asyncio.run(serve(app, config))


main(int(sys.argv[1]))
