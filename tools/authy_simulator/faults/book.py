"""The rules in force."""

from dataclasses import replace

from tools.authy_simulator.faults.rule import Rule


class FaultBook:
    """Rules in the order given: the first that matches is used, and used up by its count."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []

    def replace_all(self, rules: list[Rule]) -> None:
        """These rules and no others."""
        self._rules = list(rules)

    def add(self, rule: Rule) -> None:
        """One more, after the others."""
        self._rules.append(rule)

    def in_force(self) -> list[Rule]:
        """Those that have not been used up, with the count that is left."""
        return list(self._rules)

    def take(self, endpoint: str) -> Rule | None:
        """The rule for this call, counted down; None when the call goes well."""
        for position, rule in enumerate(self._rules):
            if rule.matches(endpoint):
                self._count_down(position, rule)
                return rule
        return None

    def _count_down(self, position: int, rule: Rule) -> None:
        if rule.count is None:
            return
        if rule.count > 1:
            self._rules[position] = replace(rule, count=rule.count - 1)
        else:
            del self._rules[position]
