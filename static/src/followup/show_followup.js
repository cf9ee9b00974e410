import {registry} from "@web/core/registry";

const LIST = "account_email_connector.action_followup_to_review";

/**
 * Show another follow-up in the form that is open, or the list if there is none: an
 * action of its own would add one to the breadcrumbs each time.
 */
async function showFollowup({services: {action}}, {params: {id, ids}}) {
    await action.doAction({type: "ir.actions.act_window_close"});
    if (!id) {
        return action.doAction(LIST, {clearBreadcrumbs: true});
    }
    await action.switchView("form", {resId: id, resIds: ids});
}

registry.category("actions").add("account_email_connector.show_followup", showFollowup);
