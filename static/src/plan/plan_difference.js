import {Component, markup, useState} from "@odoo/owl";

import {Dialog} from "@web/core/dialog/dialog";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
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
 * "What would this change?": asks the server about a record as it stands in the form,
 * with all that nobody has saved yet.
 *
 * Its attributes in a view: `method` of the model (what_would_change), `of` the field
 * that the question is about (any), `unchanged` if it is one before any change, too,
 * `string` another label, `link` to look like a link.
 */
export class PlanDifference extends Component {
    static template = "account_email_connector.PlanDifference";
    static props = {
        ...standardWidgetProps,
        method: {type: String, optional: true},
        of: {type: String, optional: true},
        string: {type: String, optional: true},
        link: {type: Boolean, optional: true},
        unchanged: {type: Boolean, optional: true},
    };
    static defaultProps = {method: "what_would_change", unchanged: false};

    setup() {
        this.state = useState({asking: false});
    }

    async ask() {
        if (this.state.asking) {
            return;
        }
        this.state.asking = true;
        try {
            await this.tell();
        } finally {
            this.state.asking = false;
        }
    }

    async tell() {
        const {record, method} = this.props;
        // On a phone the button is in a menu, which is gone with the click: what the
        // button itself has asked would not come back.
        const {orm, dialog, notification} = this.env.services;
        if (!(await record.checkValidity({displayNotification: true}))) {
            return;
        }
        const changes = this.chosen(await record.getChanges());
        const asks = this.props.unchanged || !record.resId;
        if (!asks && !Object.keys(changes).length) {
            notification.add(
                _t(
                    "Nothing is changed yet: change something, and look here before you save it."
                ),
                {type: "info"}
            );
            return;
        }
        const ids = record.resId ? [record.resId] : [];
        const {context} = record;
        const args = [ids, changes];
        const found = await orm.call(record.resModel, method, args, {context});
        dialog.add(PlanDifferenceDialog, {found});
    }

    /** Of all that is changed, what the question is about. */
    chosen(changes) {
        const name = this.props.of;
        if (!name) {
            return changes;
        }
        return name in changes ? {[name]: changes[name]} : {};
    }
}

registry.category("view_widgets").add("plan_difference", {
    component: PlanDifference,
    extractProps: ({attrs}) => ({
        method: attrs.method,
        of: attrs.of,
        string: attrs.string,
        link: Boolean(attrs.link),
        unchanged: Boolean(attrs.unchanged),
    }),
});
