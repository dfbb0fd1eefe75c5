//! The other end of the desk's mail: a person who writes, and the mail server that hands it over.

use porter_kernel::clock::{Clock as _, SystemClock};
use porter_kernel::http::{SIGNATURE_HEADER, Secrets};

use super::home::Home;
use super::http::{Answer, client};
use super::program::{Done, run};

/// A mail as a person's program sends it.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    pub(crate) from: String,
    pub(crate) subject: String,
    /// Without angle brackets.
    pub(crate) id: String,
    /// More headers, each with its end of line.
    pub(crate) headers: String,
    pub(crate) text: String,
}

impl Written {
    pub(crate) fn by(from: &str, id: &str, subject: &str, text: &str) -> Self {
        Self {
            from: from.to_owned(),
            subject: subject.to_owned(),
            id: format!("{id}@mail.learner.example"),
            headers: String::new(),
            text: text.to_owned(),
        }
    }

    /// As an answer to the mail of this id, which is quoted below.
    pub(crate) fn answering(self, message_id: &str, quoted: &str) -> Self {
        let id = message_id.trim_matches(['<', '>']);
        let quoted: String = quoted.lines().map(|line| format!("> {line}\r\n")).collect();
        Self {
            headers: format!("In-Reply-To: <{id}>\r\nReferences: <{id}>\r\n"),
            text: format!(
                "{}\r\n\r\nOn Tue, 24 Nov 2026 at 10:00 Support <support@northlight.example> wrote:\r\n\r\n{quoted}",
                self.text
            ),
            ..self
        }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        format!(
            "From: {}\r\nTo: support@northlight.example\r\nSubject: {}\r\nMessage-ID: <{}>\r\n{}Content-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n",
            self.from, self.subject, self.id, self.headers, self.text
        )
        .into_bytes()
    }
}

/// Hands the mail over as a mail server's pipe does: `porter mail deliver`.
pub(crate) fn pipe(home: &Home, mail: &Written) -> Done {
    let file = home.write("mails/mail.eml", mail.bytes());
    let (file, data) = (file.display().to_string(), home.data().display().to_string());
    run(home.path(), &["mail", "deliver", "--file", &file, "--data-dir", &data])
}

/// Hands the bytes over by the webhook, signed with `secret`.
pub(crate) async fn hook(desk: &str, mail: &[u8], secret: &str) -> Answer {
    let signature = Secrets::parse(secret).expect("a secret").sign(mail, SystemClock.now());
    let request = client().post(format!("{desk}/api/v1/inbound-mail")).header(SIGNATURE_HEADER, signature);
    Answer::to(request.body(mail.to_vec())).await
}

/// What the desk keeps in `desk-keys.toml`: `inbound_secret` or `api_key`.
pub(crate) fn key(home: &Home, name: &str) -> String {
    let keys = std::fs::read_to_string(home.data().join("desk-keys.toml")).expect("the desk's keys");
    let line = keys.lines().find_map(|line| line.strip_prefix(&format!("{name} = "))).expect("the key");
    line.trim_matches('"').to_owned()
}
