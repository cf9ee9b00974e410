import {Component, onWillUnmount, useState} from "@odoo/owl";

import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

const EVENT = "account_email_connector/sign_in";

/** What the sign-in of this form is doing, while its button is at work. */
export class SignInProgress extends Component {
    static template = "account_email_connector.SignInProgress";
    static props = {...standardWidgetProps};

    setup() {
        this.progress = useState({text: ""});
        const bus = useService("bus_service");
        // The same person may have another form open, on another page.
        const show = ({form, text}) => {
            if (form === this.props.record.resId) {
                this.progress.text = text;
            }
        };
        bus.subscribe(EVENT, show);
        onWillUnmount(() => bus.unsubscribe(EVENT, show));
    }
}

registry.category("view_widgets").add("sign_in_progress", {component: SignInProgress});
