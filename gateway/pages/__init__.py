"""The pages: sign up, sign in, confirm, wait; home, sessions, password, phones. What people see of Countersign.

A page is a template in `templates/` and a handler of the same name here; `routes.py` lists their addresses. A handler
tells its story to a `Browser` (browser.py: what it brought, how it is answered). Every POST is a form of ours
(guard.py) and answers with a redirect; what was refused crosses it as a note (notes.py). Pages for who is signed in say
so (inside.py), and may want a confirmation of just now. `words.py` holds what is said, `showing.py` and
`showing_inside.py` turn challenges, sessions and phones into it. Scripts only improve: every step works as a plain
form, and nothing is written inline (strict CSP).
"""
