import {Component, onWillUnmount, useState} from "@odoo/owl";

import {browser} from "@web/core/browser/browser";
import {deserializeDateTime} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {user, userBus} from "@web/core/user";
import {useBus, useService} from "@web/core/utils/hooks";
import {patch} from "@web/core/utils/patch";
import {NavBar} from "@web/webclient/navbar/navbar";

const {DateTime} = luxon;
// Community's app, and the one that Enterprise's accountant puts in its place.
const APPS = ["account.menu_finance", "accountant.menu_accounting"];

/** One line for each troubled mailbox of the companies that are switched on. */
export class MailboxBanner extends Component {
    static template = "account_email_connector.MailboxBanner";
    static props = {};

    setup() {
        this.action = useService("action");
        this.trouble = useState(useService("account_email_connector.trouble"));
        this.clock = useState({now: DateTime.now()});
        useBus(userBus, "ACTIVE_COMPANIES_CHANGED", () => this.render());
        const timer = browser.setInterval(() => {
            this.clock.now = DateTime.now();
        }, 60_000);
        onWillUnmount(() => browser.clearInterval(timer));
    }

    /** Who waits for approval is the managers' concern, until it is granted. */
    get mailboxes() {
        const active = user.activeCompanies.map((company) => company.id);
        return this.trouble.mailboxes.filter(
            (mailbox) =>
                mailbox.company_ids.some((id) => active.includes(id)) &&
                (mailbox.state === "error" || mailbox.can_reconnect)
        );
    }

    get severalCompanies() {
        return user.allowedCompanies.length > 1;
    }

    what({address, state}) {
        if (state === "connected") {
            return _t("%s is connected.", address);
        }
        return address
            ? _t("No email leaves %s.", address)
            : _t("No mailbox is connected.");
    }

    since(mailbox) {
        const since = deserializeDateTime(mailbox.since);
        const today = since.hasSame(this.clock.now, "day");
        const time = since.toLocaleString(
            today ? DateTime.TIME_SIMPLE : DateTime.DATETIME_MED
        );
        // The clock ticks once a minute: what is newer would lie in the future.
        return since.plus({minutes: 1}) > this.clock.now
            ? _t("since %s", time)
            : _t("since %(time)s (%(relative)s)", {
                  time,
                  relative: since.toRelative({base: this.clock.now}),
              });
    }

    waiting({waiting}) {
        if (!waiting) {
            return "";
        }
        return waiting === 1 ? _t("1 email waits") : _t("%s emails wait", waiting);
    }

    mayActNow(mailbox) {
        const active = user.activeCompanies.map((company) => company.id);
        return mailbox.can_reconnect && active.includes(mailbox.company_id);
    }

    whatToDo(mailbox) {
        if (mailbox.can_reconnect) {
            return mailbox.state === "connected"
                ? _t("Switch to %s to start them.", mailbox.company)
                : _t("Switch to %s to reconnect.", mailbox.company);
        }
        return mailbox.ask.length
            ? _t("Ask %s to reconnect.", mailbox.ask)
            : _t("Ask an accounting administrator to reconnect.");
    }

    act({id, state}) {
        const resModel = "account.email.connector";
        const act = {error: "action_reconnect", connected: "action_start"}[state];
        if (act) {
            return this.action.doActionButton({
                type: "object",
                name: act,
                resModel,
                resId: id,
                context: user.context,
            });
        }
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: resModel,
            res_id: id,
            views: [[false, "form"]],
        });
    }
}

patch(NavBar.components, {MailboxBanner});
patch(NavBar.prototype, {
    /** Who opens an invoice by its address, in an email say, is in no app yet. */
    get mayBeAccounting() {
        return !this.currentApp || APPS.includes(this.currentApp.xmlid);
    },
});
