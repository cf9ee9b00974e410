import {KanbanHeader} from "@web/views/kanban/kanban_header";
import {KanbanRenderer} from "@web/views/kanban/kanban_renderer";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {registry} from "@web/core/registry";

/** Odoo counts the cards of a column or sums them up; here it does both. */
class CasesHeader extends KanbanHeader {
    static template = "account_email_connector.CasesHeader";
}

class CasesRenderer extends KanbanRenderer {
    static components = {...KanbanRenderer.components, KanbanHeader: CasesHeader};
}

registry.category("views").add("account_email_cases", {
    ...kanbanView,
    Renderer: CasesRenderer,
});
