"""When what a customer owed was settled, as the books have it."""

from ...rules.asof import Moment
from ...rules.credits import NOISE
from ..planning.units import ONE_DAY


class Paid:
    """The days of one customer's items.

    :param books: :class:`.books.Books`.
    :param key: (unit id, customer id).
    """

    def __init__(self, books, key):
        self._books, self._key = books, key
        self._items = {item.line_id: item for item in books.every_item(key)}
        self._by_money = books.moves_with_money(key)
        self._days = {}  # line id → day or None

    def on(self, line_id):
        """The day by which nothing was left of an item, whoever paid or credited it;
        None if something is."""
        if line_id not in self._days:
            self._days[line_id] = self._find(line_id)
        return self._days[line_id]

    def left_of(self, line_id, day):
        """What was open of an item in the evening, in the company's currency."""
        return self._left(line_id, Moment.evening(day))[1]

    def _find(self, line_id):
        item = self._items[line_id]
        if item.move_id in self._by_money:
            return self._find_by_looking(line_id)
        if abs(item.residual) > NOISE or abs(item.residual_company) > NOISE:
            return None
        return max(
            (change.on for change in self._books.reconciled(line_id)), default=None
        )

    def _find_by_looking(self, line_id):
        """Of one for which there is money that no item shows: day by day, backwards."""
        paid = None
        for morning in sorted(self._books.mornings(self._key), reverse=True):
            if self._left(line_id, Moment.morning(morning))[0] > NOISE:
                return paid
            paid = morning - ONE_DAY
        return None

    def _left(self, line_id, moment):
        _unit, _plan, customer = self._books.customer(self._key, moment)
        for item in customer.items:
            if item.line_id == line_id:
                return item.residual, item.residual_company
        return 0.0, 0.0
