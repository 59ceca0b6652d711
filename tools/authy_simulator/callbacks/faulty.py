"""Callbacks that are signed well and still must not be believed."""

import copy

Tree = dict[str, object]


def flagged(body: Tree) -> Tree:
    """Approved, and flagged by Authy: what that means is undocumented, so it is no approval."""
    return with_transaction(body, flagged=True)


def of_somebody_else(body: Tree) -> Tree:
    """The answer of another authy_id, as after a merge of Authy accounts (contract section 9)."""
    return {**body, "authy_id": int(str(body["authy_id"])) + 7}


def with_transaction(body: Tree, **members: object) -> Tree:
    """The body with members of its transaction replaced."""
    found = copy.deepcopy(body)
    request = found["approval_request"]
    if isinstance(request, dict):
        request["transaction"].update(members)
    return found
