//! The widget, as a student sees it.

use serde_json::{Value, json};

use super::browser::Browser;
use super::student::Student;
use super::until;
use super::words::{list, plain, text_of};

/// All messages of the log, oldest first. A card's words are those of its text nodes, folded parts included.
const MESSAGES: &str = "
    const words = (node) => {
        const parts = [];
        const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) parts.push(walker.currentNode.data);
        return parts.join(' ');
    };
    return [...document.querySelectorAll('[data-testid=chat-log] [data-testid=message]')].map((node) => {
        const card = node.querySelector('[data-testid^=card-]');
        return {
            seq: Number(node.dataset.seq ?? 0),
            author: node.dataset.author,
            status: node.dataset.status,
            text: node.querySelector('.text')?.innerText ?? '',
            citations: [...node.querySelectorAll('[data-testid=citation]')].map((link) => link.getAttribute('href')),
            offers: node.querySelector('[data-testid=offer-person]') !== null,
            card: card?.dataset.testid ?? '',
            card_text: card ? words(card) : '',
        };
    })";

/// What the chat remembers of its conversation: each site that shows the chat has one of its own.
const KEPT: &str = "const host = new URLSearchParams(location.hash.slice(1)).get('host');
    return localStorage.getItem('porter.conversation' + (host && host !== location.origin ? '@' + host : ''))";

/// Keeps every draft that the page ever shows, however short.
const WATCH_DRAFTS: &str = "window.drafts = [];
    new MutationObserver((records) => {
        for (const record of records) for (const node of record.addedNodes) {
            if (record.target.closest('[data-testid=draft]') || node.dataset?.testid === 'draft') window.drafts.push(node.textContent);
        }
    }).observe(document.querySelector('#tail'), { childList: true, subtree: true });";

/// A message as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    /// 0 until the server has it.
    pub(crate) seq: i64,
    pub(crate) author: String,
    /// `sent` when the server has it.
    pub(crate) status: String,
    pub(crate) text: String,
    pub(crate) citations: Vec<String>,
    /// There is a button that fetches a person.
    pub(crate) offers: bool,
    /// The `data-testid` of its card, such as `card-receipt`; empty when it has none.
    pub(crate) card: String,
    /// All words of the card.
    pub(crate) card_text: String,
}

impl Shown {
    /// The message and its card.
    pub(crate) fn words(&self) -> String {
        plain(&format!("{} {}", self.text, self.card_text))
    }

    fn of(value: &Value) -> Self {
        Self {
            seq: value["seq"].as_i64().expect("a number"),
            author: text_of(&value["author"]),
            status: text_of(&value["status"]),
            text: text_of(&value["text"]),
            citations: list(&value["citations"]).iter().map(text_of).collect(),
            offers: value["offers"] == true,
            card: text_of(&value["card"]),
            card_text: plain(&text_of(&value["card_text"])),
        }
    }
}

/// The chat in the tab that the browser is in.
#[derive(Debug)]
pub(crate) struct Chat<'a> {
    pub(crate) browser: &'a Browser,
    base: String,
}

impl<'a> Chat<'a> {
    /// On the demo page, as a visitor would: presses the round button.
    pub(crate) async fn open(browser: &'a Browser, base: &str) -> Self {
        Self::on(browser, &format!("{base}/"), base).await
    }

    /// On any page that has the round button; `base` is the desk's.
    pub(crate) async fn on(browser: &'a Browser, page: &str, base: &str) -> Self {
        browser.open(page).await;
        browser.press("launcher").await;
        Self::entered(browser, base).await
    }

    /// On this page, where the chat is open already.
    pub(crate) async fn entered(browser: &'a Browser, base: &str) -> Self {
        let chat = Self { browser, base: base.to_owned() };
        chat.enter().await;
        chat
    }

    /// On a page of its own.
    pub(crate) async fn alone(browser: &'a Browser, base: &str) -> Self {
        browser.open(&format!("{base}/widget")).await;
        let chat = Self { browser, base: base.to_owned() };
        chat.connected().await;
        chat
    }

    /// Goes into the widget's frame, where the chat is.
    pub(crate) async fn enter(&self) {
        let frame = self.browser.find("#porter-panel iframe").await;
        frame.enter_frame().await.expect("going into the frame");
        self.connected().await;
    }

    async fn connected(&self) {
        self.browser.find("[data-testid=connection][data-state=online]").await;
        self.browser.find("[data-testid=chat-log] [data-testid=message]").await;
    }

    pub(crate) async fn messages(&self) -> Vec<Shown> {
        list(&self.browser.js(MESSAGES).await).iter().map(Shown::of).collect()
    }

    /// Types a message and sends it with Enter.
    pub(crate) async fn say(&self, text: &str) {
        let field = self.browser.part("chat-input").await;
        field.send_keys(text).await.expect("typing");
        field.send_keys("\n").await.expect("pressing Enter");
    }

    /// Sends a message and waits for the message that answers it.
    pub(crate) async fn ask(&self, text: &str) -> Shown {
        let before = self.messages().await.len();
        self.say(text).await;
        // The question, and what follows it.
        self.wait_for("an answer in the chat", |messages| {
            messages.get(before + 1..)?.iter().find(|found| found.author != "student").cloned()
        })
        .await
    }

    /// Waits until the messages hold what is looked for.
    pub(crate) async fn wait_for<T>(&self, what: &str, find: impl Fn(&[Shown]) -> Option<T>) -> T {
        until(what, async || find(&self.messages().await)).await
    }

    /// Waits for a message with these words.
    pub(crate) async fn hears(&self, words: &str) -> Shown {
        self.wait_for(words, |messages| messages.iter().find(|message| message.text.contains(words)).cloned()).await
    }

    pub(crate) async fn watch_drafts(&self) {
        self.browser.js(WATCH_DRAFTS).await;
    }

    pub(crate) async fn drafts(&self) -> Vec<String> {
        // The label above the bubble is not of the draft.
        let shown = list(&self.browser.js("return window.drafts").await);
        shown.iter().map(|draft| text_of(draft).trim_start_matches("Assistant").to_owned()).collect()
    }

    /// The conversation that the browser remembers, for the API.
    pub(crate) async fn student(&self) -> Student {
        let kept = text_of(&self.browser.js(KEPT).await);
        let kept: Value = serde_json::from_str(&kept).expect("the widget keeps JSON");
        Student { base: self.base.clone(), id: text_of(&kept["id"]), token: text_of(&kept["token"]), identity: None }
    }

    /// Makes the browser remember the student's conversation, as if it had begun here. The page must be of the desk's origin.
    pub(crate) async fn adopt(browser: &Browser, student: &Student) {
        Self::adopt_as(browser, student, "porter.conversation").await;
    }

    /// The same from inside the frame on another site, for the next time that the chat is opened there.
    pub(crate) async fn remembers(&self, student: &Student) {
        let site = text_of(&self.browser.js("return new URLSearchParams(location.hash.slice(1)).get('host')").await);
        Self::adopt_as(self.browser, student, &format!("porter.conversation@{site}")).await;
    }

    async fn adopt_as(browser: &Browser, student: &Student, name: &str) {
        let kept = json!({ "id": student.id, "token": student.token }).to_string();
        browser.js_with("localStorage.setItem(arguments[0], arguments[1])", vec![name.into(), kept.into()]).await;
    }
}
