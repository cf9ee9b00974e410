import {beforeEach, describe, expect, test} from "@odoo/hoot";
import {queryAllTexts, queryOne, waitFor} from "@odoo/hoot-dom";
import {advanceTime, animationFrame, mockDate, runAllTimers} from "@odoo/hoot-mock";

import {MailboxBanner} from "@account_email_connector/banner/mailbox_banner";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {
    MockServer,
    contains,
    defineMenus,
    getService,
    mockService,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
    serverState,
} from "@web/../tests/web_test_helpers";
import {session} from "@web/session";
import {NavBar} from "@web/webclient/navbar/navbar";

describe.current.tags("desktop");
defineMailModels();

const BANNER = ".o_mailbox_banner";
const ACME = {id: 1, name: "Acme", parent_id: false, child_ids: []};
const BOREALIS = {id: 2, name: "Borealis", parent_id: false, child_ids: []};

function mailbox(values) {
    return {
        id: 7,
        company_id: 1,
        company_ids: [1],
        company: "Acme",
        address: "accounting@acme.example",
        state: "error",
        title: "You have to sign in again",
        since: "2026-05-04 09:00:00",
        waiting: 12,
        can_reconnect: true,
        ask: [],
        ...values,
    };
}

/** What the page brought along. */
function troubled(...mailboxes) {
    patchWithCleanup(session, {email_connector_trouble: mailboxes});
}

beforeEach(() => {
    mockDate("2026-05-04 12:00:00", 0);
    serverState.companies = [ACME, BOREALIS];
});

test("what happened, since when, how many wait", async () => {
    troubled(mailbox());
    await mountWithCleanup(MailboxBanner);
    expect(BANNER).toHaveText(/Acme: No email leaves accounting@acme\.example\./);
    expect(BANNER).toHaveText(/You have to sign in again/);
    expect(BANNER).toHaveText(/since 9:00\sAM \(3 hours ago\)/);
    expect(BANNER).toHaveText(/12 emails wait/);
    expect(`${BANNER} [role=alert]`).toHaveCount(1);
});

test("time goes by", async () => {
    troubled(mailbox({since: "2026-05-04 11:59:00"}));
    await mountWithCleanup(MailboxBanner);
    expect(BANNER).toHaveText(/1 minute ago/);
    await advanceTime(60_000);
    await animationFrame();
    expect(BANNER).toHaveText(/2 minutes ago/);
});

test("what has just happened is not in the future", async () => {
    await mountWithCleanup(MailboxBanner);
    getService("account_email_connector.trouble").mailboxes = [
        mailbox({since: "2026-05-04 12:00:07"}),
    ];
    await animationFrame();
    expect(BANNER).toHaveText(/since 12:00\sPM/);
    expect(BANNER).not.toHaveText(/in 7 seconds/);
});

test("reconnect with the keyboard", async () => {
    mockService("action", {
        doActionButton: ({name, resId}) => expect.step(`${name} ${resId}`),
    });
    troubled(mailbox());
    await mountWithCleanup(MailboxBanner);
    await contains(`${BANNER} button`).focus();
    await contains(`${BANNER} button`).press("Enter");
    expect.verifySteps(["action_reconnect 7"]);
});

test("who may not reconnect is told whom to ask", async () => {
    troubled(mailbox({can_reconnect: false, ask: ["Anna", "Carl"]}));
    await mountWithCleanup(MailboxBanner);
    expect(`${BANNER} button`).toHaveCount(0);
    expect(BANNER).toHaveText(/Ask Anna and Carl to reconnect\./);
});

test("waiting for approval: managers only, and calm", async () => {
    const waiting = {state: "pending_approval", address: "", title: "Waiting"};
    troubled(mailbox(waiting), mailbox({...waiting, id: 8, can_reconnect: false}));
    mockService("action", {doAction: ({res_id}) => expect.step(`open ${res_id}`)});
    await mountWithCleanup(MailboxBanner);
    expect(`${BANNER}.alert-info [role=status]`).toHaveCount(1);
    await contains(`${BANNER} button:contains(Open)`).click();
    expect.verifySteps(["open 7"]);
});

test("connected, and not started: managers only, one click", async () => {
    const fresh = {state: "connected", waiting: 0, title: "Not started yet."};
    troubled(mailbox(fresh), mailbox({...fresh, id: 8, can_reconnect: false}));
    mockService("action", {
        doActionButton: ({name, resId}) => expect.step(`${name} ${resId}`),
    });
    await mountWithCleanup(MailboxBanner);
    expect(`${BANNER}.alert-info [role=status]`).toHaveCount(1);
    expect(BANNER).toHaveText(/accounting@acme\.example is connected\./);
    expect(BANNER).not.toHaveText(/since/);
    await contains(`${BANNER} button:contains(Start follow-ups)`).click();
    expect.verifySteps(["action_start 7"]);
});

test("only companies that are switched on", async () => {
    troubled(mailbox({company_id: 2, company_ids: [2], company: "Borealis"}));
    await mountWithCleanup(MailboxBanner);
    expect(BANNER).toHaveCount(0);
});

test("a branch sees its parent's trouble, and where to reconnect", async () => {
    troubled(mailbox({company_id: 2, company_ids: [1, 2], company: "Borealis"}));
    await mountWithCleanup(MailboxBanner);
    expect(`${BANNER} button`).toHaveCount(0);
    expect(BANNER).toHaveText(/Switch to Borealis to reconnect\./);
});

test("the bus says when to ask, once for several messages", async () => {
    onRpc("account.email.connector", "get_trouble", () => {
        expect.step("get_trouble");
        return [mailbox()];
    });
    await mountWithCleanup(MailboxBanner);
    const tell = (company_id) =>
        MockServer.env["bus.bus"]._sendone(
            "broadcast",
            "account_email_connector/state",
            {
                company_id,
                state: "error",
            }
        );
    tell(99); // a company of others
    await runAllTimers();
    expect.verifySteps([]);
    tell(1);
    tell(1);
    await runAllTimers();
    await waitFor(BANNER, {timeout: 5000});
    expect.verifySteps(["get_trouble"]);
});

test("in Accounting, or before any app, below the menus", async () => {
    defineMenus([
        {id: 1, name: "Invoicing", appID: 1, xmlid: "account.menu_finance"},
        {id: 2, name: "Contacts", appID: 2, xmlid: "contacts.menu_contacts"},
    ]);
    troubled(mailbox());
    await mountWithCleanup(NavBar);
    expect(BANNER).toHaveCount(1);
    getService("menu").setCurrentMenu(1);
    await animationFrame();
    expect(`header > nav + ${BANNER}`).toHaveCount(1);
    expect(queryOne(BANNER).getBoundingClientRect().top).toBeGreaterThan(0);
    getService("menu").setCurrentMenu(2);
    await animationFrame();
    expect(queryAllTexts(BANNER)).toEqual([]);
});
