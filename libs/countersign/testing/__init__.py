"""Countersign for your tests: valid tokens, without a network, a database or a phone.

    issuer = Issuer()
    app = make_app(trust=issuer.trust("payments"))                    in the place of Trust(...)
    client.get("/", headers=bearer(issuer.access_token("ada", scope="pay")))
    client.get("/", headers=through_the_gateway(issuer, "payments"))  as it comes from the gateway
    issuer.access_token(confirmed_ago=3600)                           a login of an hour ago
    issuer.access_token(life=-1)                                      expired
    issuer.access_token(aud="another")                                any claim, set or (None) left out
    Issuer(algorithm="EdDSA")                         as an installation that is set to sign with EdDSA
    Issuer().access_token()                                           a forgery: the same issuer, other keys
    issuer.end("s1")                                                  the session with sid="s1" has ended

`countersign.testing.fixtures` brings a pytest fixture, `served(issuer)` the keys over HTTP.
"""

from countersign.testing.headers import bearer, through_the_gateway
from countersign.testing.issuer import Issuer
from countersign.testing.serving import key_app, served

__all__ = ["Issuer", "bearer", "key_app", "served", "through_the_gateway"]
