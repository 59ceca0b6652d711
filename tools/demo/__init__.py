"""The main job, told step by step: register, sign in, push, approve, signed callback, exchange, a protected call.

    python -m tools.demo                                              against a system that it starts and stops itself
    python -m tools.demo --url URL --simulator-url URL                against one that runs

It uses only what any client has (the public API) and the simulator's control API for the hand that holds the phone.
"""
