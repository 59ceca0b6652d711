"""Countersign in front of a service, through the proxies that operators have."""
