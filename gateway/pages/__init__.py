"""The pages: sign up, sign in, confirm, wait, home. What people see of Countersign.

A page is a template in `templates/` and a handler of the same name here; `routes.py` lists their addresses. A handler
tells its story to a `Browser` (browser.py: what it brought, how it is answered). Every POST is a form of ours
(guard.py) and answers with a redirect; what was refused crosses it as a note (notes.py). `words.py` holds what is said,
`showing.py` turns a challenge into it. Scripts only improve: every step works as a plain form, and nothing is written
inline (strict CSP).
"""
