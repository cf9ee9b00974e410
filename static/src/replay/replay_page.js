import {Component, onWillUnmount, useEffect, useState} from "@odoo/owl";

import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {formatPercentage} from "@web/views/fields/formatters";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

const EVENT = "account_email_connector/replay";
const UNDER_WAY = ["waiting", "running"];

/** How far it is; once that is done, what came of it. Each number leads to its rows. */
export class ReplayPage extends Component {
    static template = "account_email_connector.ReplayPage";
    static props = {...standardFieldProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.heard = useState({id: null, percent: 0});
        const bus = useService("bus_service");
        const hear = (said) => {
            const {record} = this.props;
            if (said.id !== record.resId) {
                return;
            }
            Object.assign(this.heard, {id: said.id, percent: said.percent});
            if (!UNDER_WAY.includes(said.state)) {
                record.load();
            }
        };
        bus.subscribe(EVENT, hear);
        onWillUnmount(() => bus.unsubscribe(EVENT, hear));
        useEffect(
            () => {
                this.catchUp();
            },
            () => [this.props.record.resId]
        );
    }

    /** What was said while the page was on its way to this browser. */
    async catchUp() {
        const {record} = this.props;
        if (UNDER_WAY.includes(record.data.state)) {
            await record.load();
        }
    }

    get page() {
        return this.props.record.data[this.props.name];
    }

    get isUnderWay() {
        return UNDER_WAY.includes(this.props.record.data.state);
    }

    get progress() {
        return this.hasBegun
            ? _t("Done: %s", formatPercentage(this.percent / 100))
            : _t("It begins in a moment.");
    }

    get hasBegun() {
        return this.percent > 0 || this.props.record.data.state === "running";
    }

    /** As it was heard of this record, else as it was read. */
    get percent() {
        const {data, resId} = this.props.record;
        const {done, total} = data;
        const read = total ? Math.floor((100 * done) / total) : 0;
        return this.heard.id === resId ? this.heard.percent : read;
    }

    async onClick(ev) {
        const button = ev.target.closest("[data-rows]");
        if (button) {
            const {record} = this.props;
            const {rows, value} = button.dataset;
            const args = [[record.resId], rows, value];
            this.action.doAction(
                await this.orm.call(record.resModel, "action_rows", args)
            );
        }
    }
}

registry.category("fields").add("replay_page", {
    component: ReplayPage,
    supportedTypes: ["html"],
});
