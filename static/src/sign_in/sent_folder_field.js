import {registry} from "@web/core/registry";
import {
    SelectionField,
    selectionField,
} from "@web/views/fields/selection/selection_field";

/** One of the mailbox's folders: the record's field "folders" has their names. */
export class SentFolderField extends SelectionField {
    get options() {
        const {folders, [this.props.name]: chosen} = this.props.record.data;
        const names = new Set([...(folders || []), ...(chosen ? [chosen] : [])]);
        return [...names].map((name) => [name, name]);
    }

    get string() {
        return this.value || "";
    }

    onChange(value) {
        this.props.record.update({[this.props.name]: value || false});
    }
}

registry.category("fields").add("sent_folder", {
    ...selectionField,
    component: SentFolderField,
    supportedTypes: ["char"],
    fieldDependencies: [{name: "folders", type: "json"}],
});
