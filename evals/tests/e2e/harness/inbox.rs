//! The inbox, as an agent sees it.

use fantoccini::Locator;

use super::browser::Browser;
use super::porter::Porter;
use super::until;
use super::words::{list, text_of};

/// The inbox in the tab that the browser is in.
#[derive(Debug)]
pub(crate) struct Inbox<'a> {
    pub(crate) browser: &'a Browser,
}

impl<'a> Inbox<'a> {
    /// Signs in with a demo account and waits until the page is live.
    pub(crate) async fn sign_in(browser: &'a Browser, porter: &Porter) -> Self {
        let (email, password) = porter.accounts.first().expect("the welcome names demo accounts");
        browser.open(&format!("{}/inbox", porter.base)).await;
        browser.part("sign-in-email").await.send_keys(email).await.expect("typing");
        browser.part("sign-in-password").await.send_keys(password).await.expect("typing");
        browser.press("sign-in-submit").await;
        browser.find("[data-testid=connection][data-state=online]").await;
        // Gone after a reload: tells whether this is still the same page.
        browser.js("window.samePage = true").await;
        Self { browser }
    }

    /// Asserts that nothing has loaded the page anew.
    pub(crate) async fn is_the_same_page(&self) {
        assert_eq!(self.browser.js("return window.samePage === true").await, true, "the inbox was loaded anew");
    }

    /// The subjects in the list.
    pub(crate) async fn subjects(&self) -> Vec<String> {
        let found = self
            .browser
            .js("return [...document.querySelectorAll('[data-testid=ticket-subject]')].map((n) => n.textContent)")
            .await;
        list(&found).iter().map(text_of).collect()
    }

    /// Waits for the ticket in the list.
    pub(crate) async fn sees(&self, subject: &str) {
        until(subject, async || self.subjects().await.iter().any(|found| found.contains(subject)).then_some(())).await;
    }

    /// Opens the ticket.
    pub(crate) async fn opens(&self, subject: &str) {
        self.sees(subject).await;
        let path = format!("//a[@data-testid='ticket-row'][contains(., \"{subject}\")]");
        let row = self.browser.page.find(Locator::XPath(&path)).await.expect("finding the row");
        row.click().await.expect("opening the ticket");
        self.browser.part("summary").await;
    }

    /// Has what is known about the open ticket in sight: where there is no room beside the conversation, it waits behind a button.
    pub(crate) async fn shows_details(&self) {
        let aside = "return getComputedStyle(document.querySelector('[data-testid=details]')).display !== 'none'";
        if self.browser.js(aside).await == true {
            self.browser.press("details").await;
        }
    }

    /// Waits for the element to be there and not hidden, then presses it.
    pub(crate) async fn presses(&self, testid: &str) {
        self.browser.find(&format!("[data-testid={testid}]:not([hidden]):not([disabled])")).await;
        self.browser.press(testid).await;
    }

    /// Who has the open ticket, in the page's words.
    pub(crate) async fn waits_for_holder(&self, words: &str) {
        until(words, async || self.browser.text("holder").await.contains(words).then_some(())).await;
    }

    /// Writes into the reply box, after what is there, and sends it.
    pub(crate) async fn replies(&self, text: &str) {
        let field = self.browser.find("[data-testid=reply-input]:not([disabled])").await;
        field.send_keys(text).await.expect("typing");
        self.presses("reply-send").await;
        self.waits_for_message(text).await;
    }

    /// Waits for a message of the conversation with these words.
    pub(crate) async fn waits_for_message(&self, words: &str) {
        until(words, async || self.messages().await.iter().any(|text| text.contains(words)).then_some(())).await;
    }

    async fn messages(&self) -> Vec<String> {
        let found =
            self.browser.js("return [...document.querySelectorAll('[data-testid=inbox-message]')].map((n) => n.innerText)").await;
        list(&found).iter().map(text_of).collect()
    }
}
