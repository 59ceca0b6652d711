"""What the system costs, measured: one command per bar, floors, peers and product side by side in the same rounds.

    make bench                 every measurement, then docs/performance.md
    make bench-check           one of them: check, nginx, proxy, login, peers, hash, callback, rest
    make bench-history         the same questions to a system with a million people's history (minutes to fill, 20 GB)
    make soak MINUTES=30       everything people do, for long, and whether anything is left of it
    make bench-check QUICK=1   seconds instead of minutes, to see that it works; SECONDS= and ROUNDS= choose

Start reading at `__main__.py`. `load.py` asks, `floors.py` is what anything could cost at least, `processes.py` starts
processes and reads what the operating system says they used, `rounds.py` measures them in turn. Each other module is
one measurement; the folder `peers` is one, too, beside better-auth and django-allauth. Only ratios within one run mean
anything: machines differ, and neighbours are noisy.
"""
