//! What the student does with a card.

use super::chat::{Chat, Shown};

/// Takes the address of an account.
pub(crate) const ADDRESS_FORM: &str = "card-address-form";
pub(crate) const SIGN_IN: &str = "card-sign-in";
pub(crate) const CHOICE: &str = "card-choice";
pub(crate) const RECEIPT: &str = "card-receipt";
pub(crate) const FINDINGS: &str = "card-findings";
/// What may have been meant, to be chosen from.
pub(crate) const WISHES: &str = "card-wishes";

impl Chat<'_> {
    /// Sends a message and waits for a card of this kind after it.
    pub(crate) async fn ask_for_card(&self, text: &str, kind: &str) -> Shown {
        let before = self.messages().await.len();
        self.say(text).await;
        self.card_after(before, kind).await
    }

    /// Waits for a card of this kind after the first `before` messages.
    pub(crate) async fn card_after(&self, before: usize, kind: &str) -> Shown {
        self.wait_for(kind, |messages| messages.get(before..)?.iter().find(|message| message.card == kind).cloned()).await
    }

    /// Fills in the form, and does not send it.
    pub(crate) async fn types_address(&self, address: &str) {
        self.browser.part("card-address-input").await.send_keys(address).await.expect("typing");
    }

    /// Clicks the button twice, as fast as a browser can.
    pub(crate) async fn presses_twice(&self, testid: &str) {
        self.browser.part(testid).await;
        let script = format!("const button = document.querySelector('[data-testid={testid}]'); button.click(); button.click();");
        self.browser.js(&script).await;
    }

    /// Picks the answer with these words: two clicks, as fast as a browser can.
    pub(crate) async fn picks_twice(&self, words: &str) {
        const CLICK: &str = "const option = [...document.querySelectorAll('[data-testid=card-choice-option]')]
            .find((option) => option.textContent.includes(arguments[0]));
            option.click();
            option.click();";
        self.browser.js_with(CLICK, vec![words.into()]).await;
    }
}
