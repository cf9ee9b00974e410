import {registry} from "@web/core/registry";

const LIST = "account_email_connector.action_followup_to_review";

/**
 * Show another follow-up in the place of the one that is open, or an empty list if there
 * is none: an action of its own would add one to the breadcrumbs each time. Where it was
 * opened from a customer's page, that one and what came after it leave the breadcrumbs,
 * for the next follow-up is another customer's; the list before it stays.
 */
async function showFollowup({services: {action}}, {params: {id, ids}}) {
    await action.doAction({type: "ir.actions.act_window_close"});
    const {config, action: current} = action.currentController;
    const own = Object.values(current.controllers).map((controller) => controller.jsId);
    const crumbs = config.breadcrumbs;
    const form = crumbs.findIndex((crumb) => crumb.isFormView);
    if (!id) {
        const before = crumbs.findIndex(
            (crumb) => crumb.isFormView || own.includes(crumb.jsId)
        );
        return action.doAction(LIST, {index: Math.max(before, 0)});
    }
    const props = {resId: id, resIds: ids};
    if (form === crumbs.length - 1) {
        return action.switchView("form", props);
    }
    return action.doAction(LIST, {index: Math.max(form, 0), viewType: "form", props});
}

registry.category("actions").add("account_email_connector.show_followup", showFollowup);
