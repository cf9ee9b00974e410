import {rpc} from "@web/core/network/rpc";
import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const BANNER = ".o_navbar .o_mailbox_banner";
const NO_BANNER = "body:not(:has(.o_mailbox_banner))";

/** Break the mailbox, or let another user reconnect it: see TestBannerInBrowser. */
async function toggle(email) {
    const model = "account.email.connector";
    const call = (method, args) =>
        rpc(`/web/dataset/call_kw/${model}/${method}`, {
            model,
            method,
            args,
            kwargs: {},
        });
    const ids = await call("search", [[["email", "=", email]]]);
    await call("action_send_test", [ids]);
}

function asks() {
    return performance
        .getEntriesByType("resource")
        .filter((entry) => entry.name.includes("get_trouble")).length;
}

function assert(truth, message) {
    if (!truth) {
        throw new Error(message);
    }
}

const openApp = (xmlid) => [
    {trigger: ".o_navbar_apps_menu button", run: "click"},
    {trigger: `.o-dropdown--menu .o_app[data-menu-xmlid='${xmlid}']`, run: "click"},
];

tours.add("account_email_connector.banner_manager", {
    steps: () => [
        {
            trigger: `${NO_BANNER} .o_list_view`,
            content: "All is well: no banner, and no request for one",
            async run() {
                assert(asks() === 0, "The page asked for trouble");
                await toggle("accounting@acme.example");
            },
        },
        {
            trigger: `${BANNER}:contains(User name or password is wrong):contains(since)`,
            content: "It appears while the page is open, and pushes the content down",
            run() {
                const bottom = this.anchor.getBoundingClientRect().bottom;
                const content = document.querySelector(".o_action_manager");
                assert(
                    Math.abs(content.getBoundingClientRect().top - bottom) < 2,
                    "The banner covers the view, or leaves a gap"
                );
                assert(
                    this.anchor.querySelector("[role=alert]"),
                    "Nothing is read to blind users"
                );
            },
        },
        {trigger: ".o_data_row .o_data_cell", run: "click"},
        {trigger: `body:has(${BANNER}) .o_form_view`, content: "In a form too"},
        ...openApp("mail.menu_root_discuss"),
        {trigger: `${NO_BANNER} .o-mail-Discuss`, content: "Not in other apps"},
        ...openApp("account.menu_finance"),
        {trigger: `body:has(${BANNER}) .o_account_kanban`, content: "On the dashboard"},
        {trigger: `${BANNER} button:contains(Reconnect)`, run: "click"},
        {trigger: ".modal [name=password] input", run: "edit planted-secret"},
        {trigger: ".modal button[name=action_log_in]", run: "click"},
        {trigger: `${NO_BANNER} .o_account_kanban`, content: "It goes by itself"},
    ],
});

tours.add("account_email_connector.banner_clerk", {
    steps: () => [
        {
            trigger: `${BANNER}:contains(Ask Anna to reconnect)`,
            content: "The page brought it along",
            async run() {
                assert(asks() === 0, "The page asked for trouble");
                assert(
                    !this.anchor.querySelector("button"),
                    "A clerk may not reconnect"
                );
                await toggle("accounting@acme.example");
            },
        },
        {trigger: `${NO_BANNER} .o_list_view`, content: "Another user reconnected"},
        {
            trigger: ".o_list_view",
            run: () => toggle("accounting@acme.example"),
        },
        {trigger: BANNER, content: "And it is lost again"},
    ],
});

const switchTo = (company) => [
    {trigger: ".o_switch_company_menu button", run: "click"},
    {
        trigger: `.o-dropdown--menu .log_into:contains(${company})`,
        run: "click",
        expectUnloadPage: true,
    },
];

tours.add("account_email_connector.banner_companies", {
    steps: () => [
        {
            trigger: `${NO_BANNER} .o_list_view`,
            content: "The other company's mailbox is broken",
        },
        ...switchTo("Borealis"),
        {
            trigger: `${BANNER}:contains(Borealis):contains(hello@borealis.example)`,
            run: () => toggle("accounting@acme.example"),
        },
        ...switchTo("Acme"),
        {
            trigger: `${BANNER}:contains(accounting@acme.example)`,
            content: "Of two broken mailboxes, the one of the company in use",
            run() {
                const lines = document.querySelectorAll(".o_mailbox_banner").length;
                assert(lines === 1, `${lines} lines`);
            },
        },
        {trigger: ".o_switch_company_menu button", run: "click"},
        {
            trigger:
                ".o-dropdown--menu .o_switch_company_item:contains(Borealis) [role=menuitemcheckbox]",
            run: "click",
        },
        {
            trigger: ".o-dropdown--menu .o_switch_company_menu_buttons .btn-primary",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: `body:has(${BANNER}:contains(Acme)) ${BANNER}:contains(Borealis)`,
            content: "Both are switched on: a line each",
        },
    ],
});
