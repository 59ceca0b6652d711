"""`countersign`: the operator's command line, a thin front over the commands that each service declares.

It knows no table, no rule and no service: only which group of commands belongs to whom. A service's image holds that
service alone, so the front there runs that service's groups and says, of the others, in which container they run. In
the embedded stack all of them are here.

Where to start reading:

    catalogue.py      every group, and whose it is
    installation.py   which services are here, with which settings
    front.py          finds a group, or says where it is
    doctor.py         what every service checks of itself, in one table
    migrations.py     `migrate`, which no service may do itself
    run.py            one line for every fault, and what each exit status means

A service declares its commands in its package `commands`: `GROUPS`, by name, and `checks`, for the doctor.
"""
