"""Whose accounts are to be looked at together: one payment may be for the invoices of
several customers."""

from collections import defaultdict


class SharedMoney:
    """Money that no item shows, by those whom it may concern.

    :param items: {(unit id, customer id): list of :class:`...rules.Item`}.
    :param money: a list of whose it is, in the same way, and the
        :class:`...rules.underway.Money`.
    """

    def __init__(self, items, money):
        self._together = {}  # key → all that it shares money with, itself among them
        self._money = defaultdict(list)
        concerned = _concerned(items, money)
        for keys in concerned:
            joined = keys.union(*(self._together.get(key, ()) for key in keys))
            self._together.update(dict.fromkeys(joined, joined))
        for keys, each in zip(concerned, money, strict=True):
            for key in keys and self._together[min(keys)]:
                self._money[key].append(each)

    def keys(self, key):
        """A customer, and those with whom it shares money."""
        return self._together.get(key, {key})

    def money(self, key):
        """All money of a customer and of those, each with whose it is."""
        return self._money.get(key, [])


def _concerned(items, money):
    """Of each money those who have items: whose it is, and whose invoices it is for."""
    named = {id_ for _key, each in money for id_ in each.move_ids}
    whose = defaultdict(set)
    for key, mine in items.items():
        for item in mine:
            if item.move_id in named:
                whose[item.move_id].add(key)
    return [
        {key}.union(*(whose[id_] for id_ in each.move_ids)) & items.keys()
        for key, each in money
    ]
