"""api.authy.com as a real server, for development and tests: the API, its signed callbacks, and a phone to press.

    python -m tools.authy_simulator --port 8090 --callback-url http://127.0.0.1:8080/callbacks/authy

- ``/protected/json/*`` and ``/onetouch/json/*``: what Authy offers, error bodies and oddities included (``api/``);
- the callback: signed and sent when a person answers a push request (``callbacks/``);
- ``/control/*``: what scripts and tests steer the simulator with (``control.py``);
- ``/`` and ``/phones/{country_code}-{number}``: a phone on the screen (``phone/``);
- ``/control/faults``: the days on which Authy is slow, wrong, or away (``faults/``).

README.md lists every control call and every fault. ``app.py`` puts the parts together; start reading there.
Nothing here is imported by a service, and nothing here imports one: the signature is a second, independent writing.
"""

from typing import Final

# Of development only: it opens nothing but this simulator.
API_KEY: Final = "countersign-simulator-development-key"
