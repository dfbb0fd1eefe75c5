//! A learner at the academy's pages, in a browser.

use super::browser::Browser;
use super::chat::Chat;
use super::porter::Porter;
use super::until;
use super::words::text_of;

/// Every page has it for who is signed in.
const SIGN_OUT: &str = "form[action='/sign-out']";

/// A learner in the tab that the browser is in.
#[derive(Debug)]
pub(crate) struct Learner<'a> {
    pub(crate) browser: &'a Browser,
    academy: String,
    base: String,
}

impl<'a> Learner<'a> {
    /// A visitor, not signed in.
    pub(crate) fn visiting(browser: &'a Browser, porter: &Porter) -> Self {
        Self { browser, academy: porter.academy.clone(), base: porter.base.clone() }
    }

    /// Signs in and sees what is being learned.
    pub(crate) async fn sign_in(browser: &'a Browser, porter: &Porter, email: &str) -> Self {
        let learner = Self::visiting(browser, porter);
        learner.goes_to("/").await;
        if browser.has_css(SIGN_OUT).await {
            learner.signs_out().await;
        }
        learner.goes_to("/sign-in").await;
        learner.signs_in_here(email, &porter.learner_password).await;
        learner
    }

    pub(crate) async fn goes_to(&self, path: &str) {
        self.browser.open(&format!("{}{path}", self.academy)).await;
    }

    /// Fills in the form on this page and waits until that has worked.
    pub(crate) async fn signs_in_here(&self, email: &str, password: &str) {
        self.fills_in(email, password).await;
        self.browser.find(SIGN_OUT).await;
    }

    /// Fills in the form on this page; true when that has worked.
    pub(crate) async fn tries(&self, email: &str, password: &str) -> bool {
        self.goes_to("/sign-in").await;
        self.browser.js("window.before = true").await;
        self.fills_in(email, password).await;
        until("the answer to a sign-in", async || {
            let loaded = self.browser.js("return window.before !== true && document.readyState === 'complete'").await;
            (loaded == true).then_some(())
        })
        .await;
        self.browser.has_css(SIGN_OUT).await
    }

    async fn fills_in(&self, email: &str, password: &str) {
        let field = self.browser.find("input[name=email]").await;
        field.clear().await.expect("emptying the field");
        field.send_keys(email).await.expect("typing");
        self.browser.find("input[name=password]").await.send_keys(password).await.expect("typing");
        self.browser.find("main form button[type=submit]").await.click().await.expect("sending the form");
    }

    pub(crate) async fn signs_out(&self) {
        self.browser.find("form[action='/sign-out'] button").await.click().await.expect("signing out");
        self.browser.find("a[href^='/sign-in']").await;
    }

    /// Opens the chat on a page of the academy.
    pub(crate) async fn opens_chat(&self, path: &str) -> Chat<'a> {
        Chat::on(self.browser, &format!("{}{path}", self.academy), &self.base).await
    }

    /// The chat that this page has opened by itself.
    pub(crate) async fn sees_chat(&self) -> Chat<'a> {
        Chat::entered(self.browser, &self.base).await
    }

    /// The words of the page.
    pub(crate) async fn reads(&self) -> String {
        text_of(&self.browser.js("return document.querySelector('main').innerText").await)
    }
}

/// Opens a link for a new password and gives one; the words of the page that answers.
pub(crate) async fn reset_page_takes(browser: &Browser, link: &str, password: &str) -> String {
    browser.open(link).await;
    for field in ["password", "again"] {
        browser.find(&format!("input[name={field}]")).await.send_keys(password).await.expect("typing");
    }
    browser.js("window.before = true").await;
    browser.find("main form button[type=submit]").await.click().await.expect("sending the form");
    until("the answer to a new password", async || {
        let loaded = browser.js("return window.before !== true && document.readyState === 'complete'").await;
        (loaded == true).then_some(())
    })
    .await;
    text_of(&browser.js("return document.querySelector('main').innerText").await)
}
