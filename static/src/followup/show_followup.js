import {registry} from "@web/core/registry";

/**
 * Show another follow-up in the form that is open: an action of its own would add one
 * to the breadcrumbs each time.
 */
async function showFollowup({services: {action}}, {params: {id, ids}}) {
    await action.doAction({type: "ir.actions.act_window_close"});
    await action.switchView("form", {resId: id, resIds: ids.length ? ids : [id]});
}

registry.category("actions").add("account_email_connector.show_followup", showFollowup);
