"""twofactor: "prove it again". The second factor of a login, and all that the vendor is asked.

What it does, for the holder of a partial token ("this password was right", signed by auth):

    factors      enrols a phone with the vendor, lists the channels that work now    flows/enrol, list_factors
    challenges   asks once, by push, app code, text or call; one open per login     flows/open_challenge
    callback     the vendor's signed answer to a push; read back if it is late      flows/receive_callback
    codes        counted before they are checked; the last wrong one denies         flows/answer_code
    receipt      an approval, consumed once, as a signed statement for auth         flows/issue_receipt

Where to start: `model/challenge.py`, the table of what may happen to a challenge. Then `flows/open_challenge.py` and
`flows/receive_callback.py`, which tell the two halves of a push. `routes.py` lists every address, `problems.py` every
refusal, `ports.py` what the flows ask of the world, `app.py` introduces them.

Where things are: challenges, callbacks seen and the vendor's word of seconds ago in Valkey, each with a TTL; enrolled
phones, receipts and signing keys in PostgreSQL. What becomes of a challenge is published on the Valkey
channel `twofactor:challenges` (`store/announcement.py`), which the gateway follows for the browsers that wait.

What it never does: open a session (auth does, for a receipt), believe a caller for where it comes from, call auth for
anything but its public keys, or repeat a push, a text or a code check.
"""
