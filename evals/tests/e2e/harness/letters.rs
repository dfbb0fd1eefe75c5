//! The mail that the built-in mailbox has caught.

use serde_json::Value;

use super::http::{client, get};
use super::until;
use super::words::{list, text_of};

/// The mailbox.
#[derive(Debug, Clone)]
pub(crate) struct Letters {
    base: String,
}

/// A mail as the mailbox gives it.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    pub(crate) id: String,
    /// Addresses, without names.
    pub(crate) to: Vec<String>,
    pub(crate) subject: String,
    pub(crate) message_id: String,
    pub(crate) text: String,
    pub(crate) html: String,
    /// File names.
    pub(crate) attachments: Vec<String>,
}

impl Letters {
    /// `base` as a porter's `mailbox` has it.
    pub(crate) fn at(base: &str) -> Self {
        Self { base: base.to_owned() }
    }

    /// Every mail, whoever it is for.
    pub(crate) async fn all(&self) -> Vec<Letter> {
        let mut letters = Vec::new();
        for entry in list(&get(&format!("{}/api/mails", self.base)).await.is(200).json()["mails"]) {
            letters.push(self.read(&text_of(&entry["id"])).await);
        }
        letters
    }

    async fn read(&self, id: &str) -> Letter {
        let mail = get(&format!("{}/api/mails/{id}", self.base)).await.is(200).json();
        let text = |field: &str| mail[field].as_str().unwrap_or_default().to_owned();
        Letter {
            id: id.to_owned(),
            to: list(&mail["to"]).iter().map(address).collect(),
            subject: text("subject"),
            message_id: text("message_id"),
            text: text("text"),
            html: text("html"),
            attachments: list(&mail["attachments"]).iter().map(|part| text_of(&part["file_name"])).collect(),
        }
    }

    /// Those to this address.
    pub(crate) async fn to(&self, address: &str) -> Vec<Letter> {
        self.all().await.into_iter().filter(|letter| letter.to == [address]).collect()
    }

    /// Waits for a mail to this address that fits.
    pub(crate) async fn waits_for(&self, address: &str, fits: impl Fn(&Letter) -> bool) -> Letter {
        until(&format!("a letter to {address}"), async || self.to(address).await.into_iter().find(&fits)).await
    }

    /// The first file of the letter.
    pub(crate) async fn file(&self, letter: &Letter) -> Vec<u8> {
        let request = client().get(format!("{}/mail/{}/attachment/0", self.base, letter.id));
        let response = request.send().await.expect("the mailbox answers");
        assert_eq!(response.status(), 200, "no file in {letter:?}");
        response.bytes().await.expect("the whole file").to_vec()
    }

    /// Asserts that there is this mail and no other: addresses, as often as each has one.
    pub(crate) async fn are_only_to(&self, addresses: &[&str]) {
        let letters = self.all().await;
        let mut to: Vec<String> = letters.iter().map(|letter| letter.to.join(", ")).collect();
        to.sort();
        let mut expected = addresses.to_vec();
        expected.sort_unstable();
        assert_eq!(to, expected, "{letters:#?}");
    }
}

impl Letter {
    /// The link to a page for a new password.
    pub(crate) fn reset_link(&self) -> Option<String> {
        let link = self.text.split_whitespace().find(|word| word.contains("/reset-password?token="))?;
        assert!(self.html.contains(link), "the HTML part has another link: {self:?}");
        Some(link.to_owned())
    }

    pub(crate) fn has_file(&self) -> bool {
        !self.attachments.is_empty()
    }
}

/// `{"name","address"}` or `Name <address>`.
fn address(value: &Value) -> String {
    let text = value["address"].as_str().or_else(|| value.as_str()).unwrap_or_else(|| panic!("no address: {value}"));
    text.rsplit('<').next().unwrap_or(text).trim_end_matches('>').to_owned()
}
