"""When what a customer owed was settled, as the books have it."""

from functools import cached_property

from ...rules.asof import Moment
from ...rules.credits import NOISE
from ..planning.units import ONE_DAY

#: What Odoo says of an invoice that was credited in full, not paid.
REVERSED = "reversed"


class Paid:
    """The days of one customer's items.

    :param books: :class:`.books.Books`.
    :param key: (unit id, customer id).
    """

    def __init__(self, books, key):
        self._books, self._key = books, key
        self._items = {item.line_id: item for item in books.every_item(key)}
        self._by_money = books.moves_with_money(key)
        self._evenings = {}  # day → what was open

    def on(self, line_id):
        """The day by which nothing was left of an item, whoever paid or credited it;
        None if something is."""
        item = self._items[line_id]
        if item.move_id in self._by_money:
            return self._found_by_looking.get(line_id)
        if abs(item.residual) > NOISE or abs(item.residual_company) > NOISE:
            return None
        return max(
            (change.on for change in self._books.reconciled(line_id)), default=None
        )

    def is_credited(self, line_id):
        """Whether its invoice was credited in full: nobody has paid it."""
        return self._items[line_id].payment_state == REVERSED

    def left_of(self, line_id, day):
        """What was open of an item in the evening, in the company's currency."""
        if day not in self._evenings:
            self._evenings[day] = self._open_at(Moment.evening(day))
        item = self._evenings[day].get(line_id)
        return item.residual_company if item else 0.0

    @cached_property
    def _found_by_looking(self):
        """{line id: the day of :meth:`on`} of items for which there may be money that
        no item shows. Each morning is looked at once for all of them, backwards."""
        found, later = {}, None
        for morning in sorted(self._books.mornings(self._key), reverse=True):
            for line_id, item in self._open_at(Moment.morning(morning)).items():
                if item.residual > NOISE:
                    found.setdefault(line_id, later)
            later = morning - ONE_DAY
        return found

    def _open_at(self, moment):
        """{line id: :class:`...rules.Item`}."""
        _unit, _plan, customer = self._books.customer(self._key, moment)
        return {item.line_id: item for item in customer.items}
