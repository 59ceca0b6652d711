"""The whole system on a machine with nothing installed: real PostgreSQL and Valkey from wheels, one command.

    python -m tools.devstack --port 8080 --simulator-port 8090 --data .data

Start reading at `stack.py`: it names every process and the environment it gets. `engines.py` runs the two servers.
"""
