"""Form bodies with Rails' bracket keys."""

from urllib.parse import urlencode

import pytest

from tools.authy_simulator.bodies import Tree, from_form
from tools.authy_simulator.errors import AuthyError


@pytest.mark.parametrize(
    ("pairs", "tree"),
    [
        ([("a", "1")], {"a": "1"}),
        ([("user[email]", "a@b.co"), ("user[cellphone]", "1")], {"user": {"email": "a@b.co", "cellphone": "1"}}),
        ([("details[Process ID]", "42")], {"details": {"Process ID": "42"}}),
        ([("a[]", "1"), ("a[]", "2")], {"a": ["1", "2"]}),
        (
            [("l[][res]", "low"), ("l[][url]", "u"), ("l[][res]", "high"), ("l[][url]", "v")],
            {"l": [{"res": "low", "url": "u"}, {"res": "high", "url": "v"}]},
        ),
        ([("a[b][c]", "1"), ("a[b][d]", "2")], {"a": {"b": {"c": "1", "d": "2"}}}),
        ([("a", ""), ("a", "2")], {"a": "2"}),
        ([("[", "1"), ("a[b", "2"), ("", "3")], {}),
    ],
)
def test_bracket_keys_become_a_tree(pairs: list[tuple[str, str]], tree: Tree) -> None:
    assert from_form(urlencode(pairs)) == tree


@pytest.mark.parametrize(
    "text", ["a=1&a[b]=2", "a[b]=1&a[]=2", "a[]=1&a[b]=2", "&".join(f"a{n}=1" for n in range(1001))]
)
def test_keys_that_contradict_each_other_are_an_invalid_request(text: str) -> None:
    with pytest.raises(AuthyError) as refused:
        from_form(text)
    assert refused.value.code == "60002"
