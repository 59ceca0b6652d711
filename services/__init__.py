"""The services behind the gateway. They do not import each other: they meet over HTTP."""
