"""What travels with a request inside a process."""

from aiohttp import web

# The reference under which the operator finds it in the logs; answers carry it as X-Request-ID.
REQUEST_ID: web.RequestKey[str] = web.RequestKey("REQUEST_ID", str)
# The name of the refusal that answered it, for the log line.
REFUSAL: web.RequestKey[str] = web.RequestKey("REFUSAL", str)
