"""What travels with a request inside a process."""

from aiohttp import web

# The reference under which the operator finds it in the logs; answers carry it as X-Request-ID.
REQUEST_ID: web.RequestKey[str] = web.RequestKey("REQUEST_ID", str)
# Set where a 2xx is not worth a line, because whoever asked writes one: it is logged as debug.
QUIET: web.RequestKey[bool] = web.RequestKey("QUIET", bool)
# The name of the refusal that answered it, for the log line.
REFUSAL: web.RequestKey[str] = web.RequestKey("REFUSAL", str)
