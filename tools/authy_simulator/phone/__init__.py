"""The phone page: a phone on the screen, as the person holds it. Forms work without JavaScript."""
