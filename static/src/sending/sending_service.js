import {reactive} from "@odoo/owl";

import {registry} from "@web/core/registry";
import {debounce} from "@web/core/utils/timing";

const FOLLOWUP = "account.email.followup";
const NOTHING = {connectors: [], ids: null, done: [], left: {}, counts: null};

/**
 * How far that is which was begun on this page. The bus says it, once a batch; without
 * it nothing is shown, and what was said when it began still holds.
 */
export const sendingService = {
    dependencies: ["bus_service", "orm"],
    start(env, {bus_service: bus, orm}) {
        const sending = reactive({...NOTHING, watch, close, total});

        /**
         * @param {Number[]} connectors the mailboxes that send
         * @param {Number[]|null} ids of the follow-ups; of all that is due, if null
         */
        function watch(connectors, ids = null) {
            Object.assign(sending, {...NOTHING, connectors, ids, done: [], left: {}});
        }

        function close() {
            watch([]);
        }

        function left() {
            return Object.values(sending.left).reduce((sum, number) => sum + number, 0);
        }

        function total() {
            return sending.ids ? sending.ids.length : sending.done.length + left();
        }

        // A mailbox may send for several companies: each is told for itself.
        const finish = debounce(async () => {
            const {ids, done} = sending;
            const groups = await orm.silent.formattedReadGroup(
                FOLLOWUP,
                [["id", "in", ids || done]],
                ["state"],
                ["__count"]
            );
            if (sending.done === done) {
                const counts = groups.map(({state, __count}) => [state, __count]);
                sending.counts = Object.fromEntries(counts);
                sending.counts.planned =
                    (sending.counts.planned || 0) + (ids ? 0 : left());
            }
        }, 500);

        bus.subscribe("account_email_connector/sending", (said) => {
            if (!sending.connectors.includes(said.connector_id)) {
                return;
            }
            const {ids, done} = sending;
            const news = said.followup_ids.filter(
                (id) => !done.includes(id) && (!ids || ids.includes(id))
            );
            done.push(...news);
            sending.left[said.company_id] = said.left;
            // The end of a run that had begun before ends nothing of this.
            if (!said.goes_on && (!ids || done.length)) {
                sending.connectors = sending.connectors.filter(
                    (id) => id !== said.connector_id
                );
            }
            if (
                done.length &&
                (!sending.connectors.length || done.length === ids?.length)
            ) {
                finish();
            }
        });
        return sending;
    },
};

registry.category("services").add("account_email_connector.sending", sendingService);

/** Watch what was begun, then go on with what follows. */
function watchSending({services}, {params}) {
    services["account_email_connector.sending"].watch(params.connectors, params.ids);
    return params.next;
}

registry.category("actions").add("account_email_connector.watch_sending", watchSending);
