"""What our processes stand on: HTTP plumbing, stores, settings, logs, keys.

Test of admission: would it make sense in a service about invoices? It wires well-kept libraries together and
knows no word of authentication.
"""

# Of all our processes; the same as in pyproject.toml.
VERSION = "0.1.0"
