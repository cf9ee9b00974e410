import {Component, markup, useState} from "@odoo/owl";

import {Dialog} from "@web/core/dialog/dialog";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

/** What the server says of it; it is Odoo's own template that escapes it. */
export class PlanDifferenceDialog extends Component {
    static template = "account_email_connector.PlanDifferenceDialog";
    static components = {Dialog};
    static props = {close: Function, found: String};

    get found() {
        return markup(this.props.found);
    }
}

/**
 * "What would this change?": asks the server about the plan as it stands in the form,
 * with all that nobody has saved yet.
 */
export class PlanDifference extends Component {
    static template = "account_email_connector.PlanDifference";
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
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
            if (record.resId && !Object.keys(changes).length) {
                this.notification.add(
                    _t(
                        "Nothing is changed yet: change something, and look here before you save it."
                    ),
                    {type: "info"}
                );
                return;
            }
            const found = await this.orm.call(record.resModel, "what_would_change", [
                record.resId ? [record.resId] : [],
                changes,
            ]);
            this.dialog.add(PlanDifferenceDialog, {found});
        } finally {
            this.state.asking = false;
        }
    }
}

registry.category("view_widgets").add("plan_difference", {component: PlanDifference});
