import {Component, useState} from "@odoo/owl";

import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

/**
 * "Try it on the past": asks for the days, of the plan as it stands in the form, with
 * all that nobody has saved yet.
 */
export class TryPlan extends Component {
    static template = "account_email_connector.TryPlan";
    static props = {...standardWidgetProps};

    setup() {
        this.state = useState({asking: false});
    }

    async ask() {
        const {record} = this.props;
        // On a phone the button is in a menu, which is gone with the click: what the
        // button itself has asked would not come back.
        const {orm, action} = this.env.services;
        if (this.state.asking) {
            return;
        }
        this.state.asking = true;
        try {
            if (!(await record.checkValidity({displayNotification: true}))) {
                return;
            }
            const changes = await record.getChanges();
            const next = await orm.call(record.resModel, "try_on_the_past", [
                record.resId ? [record.resId] : [],
                changes,
            ]);
            await action.doAction(next);
        } finally {
            this.state.asking = false;
        }
    }
}

registry.category("view_widgets").add("try_plan", {component: TryPlan});
