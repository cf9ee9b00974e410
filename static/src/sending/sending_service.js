import {reactive} from "@odoo/owl";

import {registry} from "@web/core/registry";
import {debounce} from "@web/core/utils/timing";

const FOLLOWUP = "account.email.followup";
const NOTHING = {
    connectors: [],
    ids: null,
    done: [],
    waiting: [],
    left: {},
    counts: null,
};
/** What shows whether a mailbox is at work, or what has left. */
const SHOWS_IT = ["account.email.connector", FOLLOWUP, "account.email.followup.case"];

/**
 * How far that is which was begun on this page. The bus says it, once a batch; without
 * it nothing is shown, and what was said when it began still holds.
 */
export const sendingService = {
    dependencies: ["action", "bus_service", "orm"],
    start(env, {action, bus_service: bus, orm}) {
        const sending = reactive({...NOTHING, watch, close, total, gone});

        /**
         * @param {Number[]} connectors the mailboxes that send
         * @param {Number[]|null} ids of the follow-ups; of all that is due, if null
         */
        function watch(connectors, ids = null) {
            const nothing = {...NOTHING, done: [], waiting: [], left: {}};
            Object.assign(sending, {...nothing, connectors, ids});
        }

        function close() {
            watch([]);
        }

        function left() {
            return Object.values(sending.left).reduce((sum, number) => sum + number, 0);
        }

        /** How many have left, or need not go: of those looked at, some may wait again. */
        function gone() {
            return sending.done.length - sending.waiting.length;
        }

        function total() {
            return sending.ids ? sending.ids.length : sending.done.length + left();
        }

        /** The page underneath still says how it was before, unless somebody writes. */
        function readAnew() {
            const controller = action.currentController;
            const isShown = SHOWS_IT.includes(controller?.props?.resModel);
            const isWriting = document.querySelector(
                ".modal, .o_form_dirty, .o_list_renderer .o_selected_row"
            );
            if (isShown && !isWriting) {
                action.doAction("soft_reload");
            }
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
                readAnew();
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
            sending.waiting = sending.waiting
                .filter((id) => !said.followup_ids.includes(id))
                .concat(said.waiting_ids.filter((id) => done.includes(id)));
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
