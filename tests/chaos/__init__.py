"""The whole system under load, and one fault at a time; `python -m tests.chaos` prints what came of each.

`system` is the thing that is broken, `people` sign in all the while, `ledger` holds what they were promised, `observer`
looks at the stores and at the phones and says whether the promises were kept. `faults` is the list.
"""
