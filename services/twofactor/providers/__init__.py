"""The vendors of second factors: each module family speaks one vendor's wire and answers `ports.Provider`.

Start at `authy.py`. Authy's error codes collide with those of Twilio's other products, so each provider keeps
its own table.
"""
