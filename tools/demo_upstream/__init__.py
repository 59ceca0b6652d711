"""A service behind the gateway that shows what reached it.

    python -m tools.demo_upstream --port 8091

Any path, for a browser: a page with the person, the identity headers and the decoded assertion. For anyone else: JSON
``{method, path, query, headers: [[name, value], ...], body_length, body, assertion: {header, claims} | null}``.
A last path segment of ``ws`` is an echo WebSocket whose first message holds the received headers, ``stream`` a slow
chunked answer, ``upload`` counts and hashes a body as it streams in; so each works behind any prefix.

It believes what it is told: a real service verifies the assertion with the SDK first. Never in a production image.
"""
