//! Signing up, and one's own account.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::harness::people::IVAN;
use crate::harness::{Browser, Home, Learner, Letter, Letters, Look, Porter, Queue, Session, reset_page_takes, until};

const NORA: &str = "nora.new@learner.example";
const NORAS_NEXT: &str = "nora.next@learner.example";
const FIRST: &str = "copper-otter-vault-moon";
const SECOND: &str = "lantern-otter-quilt-violet";

/// The link to this page in a letter.
fn link(letter: &Letter, page: &str) -> String {
    let link = letter.text.split_whitespace().find(|word| word.contains(page));
    link.unwrap_or_else(|| panic!("no {page} in {letter:?}")).to_owned()
}

/// What the app shows so many steps of 30 seconds from now.
#[expect(clippy::disallowed_methods, reason = "the built program has the real clock")]
fn code(secret: &str, steps: u64) -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_secs();
    let secret = totp_rs::Secret::try_from_base32(secret).expect("a secret in base 32");
    let totp = totp_rs::Builder::new().with_secret(secret).build().expect("a good secret");
    totp.generate(seconds + 30 * steps).to_string()
}

/// A person at the pages of the academy.
struct Nora<'a> {
    browser: &'a Browser,
    learner: Learner<'a>,
}

impl Nora<'_> {
    async fn types(&self, testid: &str, text: &str) {
        let field = self.browser.part(testid).await;
        field.clear().await.expect("emptying the field");
        field.send_keys(text).await.expect("typing");
    }

    /// Presses a button and waits until another page has answered.
    async fn sends(&self, testid: &str) {
        self.browser.js("window.before = true").await;
        self.browser.press(testid).await;
        until("the next page", async || {
            let loaded = self.browser.js("return window.before !== true && document.readyState === 'complete'").await;
            (loaded == true).then_some(())
        })
        .await;
    }

    async fn signs_in(&self, email: &str, password: &str) {
        self.learner.goes_to("/sign-in").await;
        self.types("sign-in-email", email).await;
        self.types("sign-in-password", password).await;
        self.sends("sign-in-submit").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn story_from_signing_up_to_being_forgotten() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    let (letters, queue) = (Letters::at(&porter.mailbox), Queue::of(&home).await);
    let browser = Browser::start().await;
    let nora = Nora { browser: &browser, learner: Learner::visiting(&browser, &porter) };

    // Signing up: the letter, the link, the button.
    nora.learner.goes_to("/").await;
    nora.sends("sign-up-link").await;
    browser.screenshot("accounts-01-sign-up").await;
    nora.types("sign-up-name", "Nora New").await;
    nora.types("sign-up-email", NORA).await;
    nora.types("sign-up-password", FIRST).await;
    nora.sends("sign-up-submit").await;
    browser.screenshot("accounts-02-look-into-your-mailbox").await;
    // A job makes the account; the letter is there when it has.
    let letter = letters.waits_for(NORA, |letter| letter.text.contains("/verify-email?token=")).await;
    nora.signs_in(NORA, FIRST).await;
    assert!(browser.has("sign-in-unverified").await, "an account that is not confirmed: {}", nora.learner.reads().await);
    browser.open(&link(&letter, "/verify-email?token=")).await;
    browser.screenshot("accounts-03-verify").await;
    nora.types("verify-password", FIRST).await;
    nora.sends("verify-submit").await;
    assert!(browser.text("learner-name").await.ends_with("Nora New"));

    // Two-factor sign-in: on, out, and in with a code.
    nora.learner.goes_to("/account").await;
    browser.screenshot("accounts-04-account").await;
    browser.press("two-factor-open").await;
    nora.types("two-factor-password", FIRST).await;
    nora.sends("two-factor-begin").await;
    let secret = browser.text("two-factor-secret").await.replace(' ', "");
    browser.screenshot("accounts-05-two-factor").await;
    nora.types("two-factor-code", &code(&secret, 0)).await;
    nora.sends("two-factor-enable").await;
    let codes: Vec<String> = browser.text("recovery-codes").await.split_whitespace().map(str::to_owned).collect();
    assert_eq!(codes.len(), 10, "{codes:?}");
    browser.screenshot("accounts-06-recovery-codes").await;
    nora.learner.signs_out().await;
    nora.signs_in(NORA, FIRST).await;
    browser.screenshot("accounts-07-code").await;
    nora.types("code", &code(&secret, 1)).await;
    nora.sends("code-submit").await;
    assert!(browser.has("sign-out").await, "{}", nora.learner.reads().await);
    nora.learner.signs_out().await;

    // A new password by mail: the code is still asked for.
    nora.learner.goes_to("/forgot-password").await;
    nora.types("forgot-email", NORA).await;
    nora.sends("forgot-submit").await;
    let reset = letters.waits_for(NORA, |letter| letter.reset_link().is_some()).await.reset_link().expect("a link");
    reset_page_takes(&browser, &reset, SECOND).await;
    nora.signs_in(NORA, SECOND).await;
    assert!(browser.has("code").await, "a reset has turned two-factor sign-in off");
    nora.types("code", &codes[0]).await;
    nora.sends("code-submit").await;
    assert!(browser.has("sign-out").await, "{}", nora.learner.reads().await);

    // A new address, with a yes from both.
    nora.learner.goes_to("/account").await;
    browser.press("email-open").await;
    nora.types("new-email", NORAS_NEXT).await;
    nora.types("email-password", SECOND).await;
    nora.sends("email-submit").await;
    browser.screenshot("accounts-08-email-change").await;
    let is_change = |letter: &Letter| letter.text.contains("/confirm-email?token=");
    for (address, after) in [(NORAS_NEXT, "confirm-waiting"), (NORA, "confirm-done")] {
        let letter = letters.waits_for(address, is_change).await;
        browser.open(&link(&letter, "/confirm-email?token=")).await;
        browser.screenshot(&format!("accounts-09-{after}")).await;
        nora.sends("say-yes").await;
        assert!(browser.has(after).await, "{}", nora.learner.reads().await);
    }
    nora.learner.goes_to("/account").await;
    assert_eq!(browser.text("account-email").await, NORAS_NEXT);

    // Another device is signed in, and signed out from here.
    let phone = Browser::with(Look { dark: true, width: 380 }).await;
    let other = Nora { browser: &phone, learner: Learner::visiting(&phone, &porter) };
    other.learner.goes_to("/sign-up").await;
    phone.screenshot("accounts-10-sign-up-phone").await;
    other.signs_in(NORAS_NEXT, SECOND).await;
    phone.screenshot("accounts-11-code-phone").await;
    other.types("code", &codes[1]).await;
    other.sends("code-submit").await;
    other.learner.goes_to("/account").await;
    phone.screenshot("accounts-12-account-phone").await;
    nora.learner.goes_to("/account").await;
    browser.js("document.getElementById('sessions').scrollIntoView()").await;
    browser.screenshot("accounts-13-sessions").await;
    nora.sends("session-end").await;
    other.learner.goes_to("/account").await;
    assert!(phone.has("sign-in-email").await, "the other device is still signed in");

    // A copy of everything.
    let file = browser
        .js("const body = new URLSearchParams({ password: 'lantern-otter-quilt-violet' }); \
             return fetch('/account/export', { method: 'POST', body }).then(answer => answer.json())")
        .await;
    assert_eq!(file["account"][0]["email"], NORAS_NEXT, "{file}");
    assert!(!file.to_string().contains("argon2"), "{file}");

    // And the end of it.
    nora.learner.goes_to("/account").await;
    browser.press("delete-open").await;
    browser.js("document.getElementById('data').scrollIntoView()").await;
    browser.screenshot("accounts-14-delete").await;
    nora.types("delete-password", SECOND).await;
    nora.sends("delete-submit").await;
    assert!(browser.has("leaving").await, "{}", nora.learner.reads().await);
    letters.waits_for(NORAS_NEXT, |letter| letter.subject.contains("will be deleted")).await;
    assert_eq!(queue.left("erase_account").await, 1);
    porter.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_finds_people_and_makes_keys() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    for look in [Look::PLAIN, Look { dark: true, width: 380 }] {
        let browser = Browser::with(look).await;
        let admin = Learner::sign_in(&browser, &porter, "theo.brandt@northlight.example").await;
        let theo = Nora { browser: &browser, learner: admin };
        theo.learner.goes_to("/admin/people").await;
        theo.types("people-query", "Iv").await;
        theo.sends("people-search").await;
        browser.screenshot(&format!("accounts-20-people-{}", look.name())).await;
        browser.find("[data-testid=people] a").await.click().await.expect("going to the person");
        if look == Look::PLAIN {
            let ivan = Session::of(&porter, IVAN).await;
            theo.sends("person-lock").await;
            assert!(!ivan.is_alive().await, "a locked account's session goes on");
        } else {
            theo.sends("person-unlock").await;
        }
        browser.part("person-changes").await;
        browser.screenshot(&format!("accounts-21-person-{}", look.name())).await;
        theo.learner.goes_to("/admin/keys").await;
        theo.types("key-name", "Support desk").await;
        browser.press("key-support").await;
        theo.sends("key-make").await;
        assert!(browser.text("key-secret").await.starts_with("porter_"));
        browser.screenshot(&format!("accounts-22-keys-{}", look.name())).await;
    }
    porter.stop();
}
