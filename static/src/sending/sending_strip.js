import {Component, useState} from "@odoo/owl";

import {_t} from "@web/core/l10n/translation";
import {useService} from "@web/core/utils/hooks";
import {patch} from "@web/core/utils/patch";
import {NavBar} from "@web/webclient/navbar/navbar";

/** "Sending: 3 of 12", and what became of them. */
export class SendingStrip extends Component {
    static template = "account_email_connector.SendingStrip";
    static props = {};

    setup() {
        this.action = useService("action");
        this.sending = useState(useService("account_email_connector.sending"));
    }

    get isShown() {
        return this.sending.done.length > 0;
    }

    get progress() {
        const {gone, total} = this.sending;
        return _t("Sending: %(done)s of %(total)s", {done: gone(), total: total()});
    }

    get percent() {
        return Math.round((100 * this.sending.gone()) / this.sending.total());
    }

    get allSent() {
        const {sent = 0, ...others} = this.sending.counts;
        return sent && !Object.values(others).some((count) => count);
    }

    /** As the ledger has it, once nothing is on its way any more. */
    get result() {
        const {sent, failed, unknown, planned, sending, skipped, to_review} =
            this.sending.counts;
        const waiting = (planned || 0) + (sending || 0);
        return [
            _t("Sent: %s", sent || 0),
            failed && _t("failed: %s", failed),
            unknown && _t("perhaps sent: %s", unknown),
            waiting && _t("still waiting: %s", waiting),
            to_review && _t("to review: %s", to_review),
            skipped && _t("no longer due: %s", skipped),
        ]
            .filter(Boolean)
            .join(", ");
    }

    show() {
        const ids = [...(this.sending.ids || this.sending.done)];
        this.sending.close();
        this.action.doAction({
            type: "ir.actions.act_window",
            name: _t("Follow-ups"),
            res_model: "account.email.followup",
            views: [
                [false, "list"],
                [false, "kanban"],
                [false, "form"],
            ],
            mobile_view_mode: "kanban",
            domain: [["id", "in", ids]],
        });
    }
}

patch(NavBar.components, {SendingStrip});
