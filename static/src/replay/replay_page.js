import {Component, onMounted, onWillUnmount, useState} from "@odoo/owl";

import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
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
        const {state, done, total} = this.props.record.data;
        this.heard = useState({state, done, total});
        const bus = useService("bus_service");
        const hear = (said) => {
            const {record} = this.props;
            if (said.id !== record.resId) {
                return;
            }
            Object.assign(this.heard, said);
            if (!UNDER_WAY.includes(said.state)) {
                record.load();
            }
        };
        bus.subscribe(EVENT, hear);
        onWillUnmount(() => bus.unsubscribe(EVENT, hear));
        onMounted(() => this.catchUp());
    }

    /** What was said while the page was on its way to this browser. */
    async catchUp() {
        const {record} = this.props;
        if (UNDER_WAY.includes(record.data.state)) {
            await record.load();
            const {state, done, total} = record.data;
            Object.assign(this.heard, {state, done, total});
        }
    }

    get page() {
        return this.props.record.data[this.props.name];
    }

    get isUnderWay() {
        return UNDER_WAY.includes(this.props.record.data.state);
    }

    get progress() {
        const {done, total} = this.heard;
        return total
            ? _t("Customers: %(done)s of %(total)s", {done, total})
            : _t("It begins in a moment.");
    }

    get percent() {
        return this.heard.total
            ? Math.round((100 * this.heard.done) / this.heard.total)
            : 0;
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
