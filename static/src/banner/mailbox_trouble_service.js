import {reactive} from "@odoo/owl";

import {registry} from "@web/core/registry";
import {user} from "@web/core/user";
import {KeepLast} from "@web/core/utils/concurrency";
import {debounce} from "@web/core/utils/timing";
import {session} from "@web/session";

/**
 * Which mailboxes are in trouble. The page brings the answer along; later, the bus says
 * when to ask again. It names a company and a state only, as everybody receives it.
 */
export const mailboxTroubleService = {
    dependencies: ["bus_service", "orm"],
    start(env, {bus_service: bus, orm}) {
        const trouble = reactive({mailboxes: session.email_connector_trouble || []});
        const keepLast = new KeepLast();
        // Users of several groups receive each message several times.
        const read = debounce(async () => {
            trouble.mailboxes = await keepLast.add(
                orm.silent.call("account.email.connector", "get_trouble")
            );
        }, 200);
        bus.subscribe("account_email_connector/state", ({company_id}) => {
            if (user.allowedCompaniesWithAncestors.some((c) => c.id === company_id)) {
                read();
            }
        });
        return trouble;
    },
};

registry
    .category("services")
    .add("account_email_connector.trouble", mailboxTroubleService);
