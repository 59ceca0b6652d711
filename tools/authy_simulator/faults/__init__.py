"""The bad days: rules that make an endpoint, or the callback, fail in one of the ways that Authy has."""
