import {Component, useState} from "@odoo/owl";

import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

/**
 * "Try it on the past": asks for the days, of the plan as it stands in the form, with
 * all that nobody has saved yet.
 */
export class TryPlan extends Component {
    static template = "account_email_connector.TryPlan";
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({asking: false});
    }

    async ask() {
        const {record} = this.props;
        if (this.state.asking) {
            return;
        }
        this.state.asking = true;
        try {
            if (!(await record.checkValidity({displayNotification: true}))) {
                return;
            }
            const changes = await record.getChanges();
            const next = await this.orm.call(record.resModel, "try_on_the_past", [
                record.resId ? [record.resId] : [],
                changes,
            ]);
            await this.action.doAction(next);
        } finally {
            this.state.asking = false;
        }
    }
}

registry.category("view_widgets").add("try_plan", {component: TryPlan});
