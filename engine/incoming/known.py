"""Which follow-up an email is about."""

from ...rules import OPEN_STATES

#: They have left, or may have. One that is open has perhaps come back before: it has
#: its conversation still.
LEFT = ("sent", "unknown")


class Known:
    """The follow-ups of a connector which some emails may be about.

    :param ids: Message-IDs that the emails refer to.
    :param threads: the provider's ids of their conversations.
    """

    def __init__(self, connector, ids, threads):
        self._by_key = {}
        if not (ids or threads):
            return
        mine = ("connector_id", "=", connector.id)
        deliveries = connector.env["account.email.delivery"].search(
            [
                mine,
                "|",
                ("seen_message_id", "in", list(ids)),
                ("thread_id", "in", list(threads)),
            ]
        )
        followups = connector.env["account.email.followup"].search(
            [
                mine,
                ("state", "in", (*LEFT, *OPEN_STATES)),
                "|",
                "|",
                ("message_id_header", "in", list(ids)),
                ("thread_root", "in", list(ids)),
                ("delivery_id", "in", deliveries.ids),
            ],
            order="sent_at NULLS FIRST, id",
        )
        for followup in followups:  # of a conversation, its last follow-up counts
            self._by_key[followup.thread_root] = followup
            self._by_key["thread", followup.delivery_id.thread_id] = followup
        for followup in followups:
            self._by_key[followup.message_id_header] = followup
            self._by_key[followup.delivery_id.seen_message_id] = followup

    def followup(self, ids, thread_id):
        """The follow-up that an email is about; None if it is about none.

        :param ids: what the email refers to, the closest first.
        """
        keys = [id_ for id_ in ids if id_]
        if thread_id:
            keys.append(("thread", thread_id))
        return next(filter(None, map(self._by_key.get, keys)), None)
