"""The kinds of factors: a module each, all of them `ports_of_kinds.Kind`. The flows know none of them by name."""
