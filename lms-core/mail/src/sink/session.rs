//! The order of a conversation: who says what when (RFC 5321, section 4.1.4).

use super::command::{Command, parse};
use super::refusals::{Refusals, Stage};
use super::reply::Reply;

/// RFC 5321 asks for at least so many.
const RECIPIENTS: usize = 100;
/// After so many faults there is no sense in going on.
const FAULTS: usize = 20;
/// First words of web pages that post to this port.
const NOT_SMTP: [&[u8]; 6] = [b"GET ", b"POST ", b"PUT ", b"HEAD ", b"OPTIONS ", b"CONNECT "];

/// Where one conversation stands.
#[derive(Debug, Default)]
pub(super) struct Session {
    limit: usize,
    client: Option<Client>,
    envelope: Option<Envelope>,
    faults: usize,
}

#[derive(Debug, Clone)]
struct Client {
    name: String,
    extended: bool,
}

/// Who sends, and to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Envelope {
    /// How the client named itself.
    pub(super) client: String,
    /// Whether it did so with `EHLO`.
    pub(super) extended: bool,
    /// `None` for a mail that shall not be answered by another.
    pub(super) from: Option<String>,
    pub(super) recipients: Vec<String>,
    utf8: bool,
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    Answer(Reply),
    /// Answer, then read the mail.
    Read(Reply, Envelope),
    /// Answer, then hang up.
    End(Reply),
    HangUp,
}

impl Session {
    /// For mails of at most `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }

    /// Takes a line without its end.
    pub(super) fn line(&mut self, line: &[u8], refusals: &Refusals) -> Step {
        if self.client.is_none() && NOT_SMTP.iter().any(|word| line.starts_with(word)) {
            return Step::End(Reply::new(421, "4.7.0 This is SMTP, not HTTP"));
        }
        let step = match parse(line) {
            Ok(command) => self.command(command, refusals),
            Err(reply) => Step::Answer(reply),
        };
        match step {
            Step::Answer(reply) if reply.is_refusal() => self.fault(reply),
            step => step,
        }
    }

    /// Counts what was refused.
    pub(super) fn fault(&mut self, reply: Reply) -> Step {
        self.faults += 1;
        if self.faults > FAULTS { Step::End(Reply::new(421, "4.7.0 Too many errors")) } else { Step::Answer(reply) }
    }

    fn command(&mut self, command: Command, refusals: &Refusals) -> Step {
        Step::Answer(match command {
            Command::Hello { extended, name } => self.hello(name, extended),
            Command::Mail { from, size, utf8 } => return self.mail(from, size, utf8, refusals),
            Command::Recipient(to) => return self.recipient(to, refusals),
            Command::Data => return self.data(),
            Command::Reset => {
                self.envelope = None;
                ok()
            }
            Command::Noop => ok(),
            Command::Verify => Reply::new(252, "2.0.0 Send it and see"),
            Command::Help => Reply::new(214, "2.0.0 EHLO, MAIL, RCPT, DATA, RSET, NOOP, QUIT"),
            Command::Quit => return Step::End(Reply::new(221, "2.0.0 Goodbye")),
        })
    }

    fn hello(&mut self, name: String, extended: bool) -> Reply {
        self.client = Some(Client { name, extended });
        self.envelope = None;
        let reply = Reply::new(250, "porter-mailbox");
        if extended { reply.with(&["8BITMIME", "SMTPUTF8", "PIPELINING", "ENHANCEDSTATUSCODES", super::SIZE]) } else { reply }
    }

    fn mail(&mut self, from: Option<String>, size: u64, utf8: bool, refusals: &Refusals) -> Step {
        let Some(client) = &self.client else { return Step::Answer(Reply::new(503, "5.5.1 Say EHLO first")) };
        if self.envelope.is_some() {
            return Step::Answer(Reply::new(503, "5.5.1 One mail at a time"));
        }
        if usize::try_from(size).unwrap_or(usize::MAX) > self.limit {
            return Step::Answer(Reply::new(552, "5.3.4 The mail is too large"));
        }
        if let Some(refusal) = refusals.take(Stage::Sender) {
            return refusal.reply().map_or(Step::HangUp, Step::Answer);
        }
        let Client { name: client, extended } = client.clone();
        self.envelope = Some(Envelope { client, extended, from, recipients: Vec::new(), utf8 });
        Step::Answer(ok())
    }

    fn recipient(&mut self, to: String, refusals: &Refusals) -> Step {
        let Some(envelope) = &mut self.envelope else { return Step::Answer(Reply::new(503, "5.5.1 Say MAIL FROM first")) };
        if !to.is_ascii() && !envelope.utf8 {
            return Step::Answer(Reply::new(553, "5.6.7 SMTPUTF8 is needed"));
        }
        if envelope.recipients.len() >= RECIPIENTS {
            return Step::Answer(Reply::new(452, "4.5.3 Too many recipients"));
        }
        if let Some(refusal) = refusals.take(Stage::Recipient) {
            return refusal.reply().map_or(Step::HangUp, Step::Answer);
        }
        envelope.recipients.push(to);
        Step::Answer(ok())
    }

    fn data(&mut self) -> Step {
        match self.envelope.take() {
            Some(envelope) if !envelope.recipients.is_empty() => {
                Step::Read(Reply::new(354, "Go ahead; end with a line that has one dot"), envelope)
            }
            Some(envelope) => {
                self.envelope = Some(envelope);
                Step::Answer(Reply::new(503, "5.5.1 Say RCPT TO first"))
            }
            None => Step::Answer(Reply::new(503, "5.5.1 Say MAIL FROM first")),
        }
    }
}

fn ok() -> Reply {
    Reply::new(250, "2.0.0 OK")
}

#[cfg(test)]
mod tests {
    use super::super::refusals::Refusal;
    use super::*;

    /// The code of each answer; 0 for hanging up.
    fn codes(lines: &[&str]) -> Vec<u16> {
        let (mut session, refusals) = (Session::new(1_000), Refusals::default());
        lines.iter().map(|line| code(&session.line(line.as_bytes(), &refusals))).collect()
    }

    fn code(step: &Step) -> u16 {
        match step {
            Step::Answer(reply) | Step::Read(reply, _) | Step::End(reply) => reply.code(),
            Step::HangUp => 0,
        }
    }

    #[test]
    fn a_proper_conversation_and_a_second_mail_in_it() {
        let mail = ["MAIL FROM:<a@b.example>", "RCPT TO:<c@d.example>", "RCPT TO:<e@f.example>", "DATA"];
        let lines = [&["EHLO x"][..], &mail, &mail, &["QUIT"]].concat();
        assert_eq!(codes(&lines), [250, 250, 250, 250, 354, 250, 250, 250, 354, 221]);
    }

    #[test]
    fn what_comes_too_early_is_refused() {
        assert_eq!(codes(&["MAIL FROM:<a@b.example>"]), [503]);
        assert_eq!(codes(&["HELO x", "RCPT TO:<a@b.example>", "DATA"]), [250, 503, 503]);
        assert_eq!(
            codes(&["HELO x", "MAIL FROM:<a@b.example>", "DATA", "RCPT TO:<a@b.example>", "DATA"]),
            [250, 250, 503, 250, 354]
        );
        assert_eq!(codes(&["HELO x", "MAIL FROM:<a@b.example>", "MAIL FROM:<a@b.example>"]), [250, 250, 503]);
    }

    #[test]
    fn reset_and_a_new_hello_forget_the_mail_begun() {
        for again in ["RSET", "EHLO y"] {
            let lines = ["EHLO x", "MAIL FROM:<a@b.example>", "RCPT TO:<c@d.example>", again, "DATA", "MAIL FROM:<>"];
            assert_eq!(codes(&lines), [250, 250, 250, 250, 503, 250]);
        }
    }

    #[test]
    fn limits_hold() {
        assert_eq!(codes(&["EHLO x", "MAIL FROM:<a@b.example> SIZE=1001", "MAIL FROM:<a@b.example> SIZE=1000"]), [250, 552, 250]);
        let many = [vec!["EHLO x", "MAIL FROM:<>"], vec!["RCPT TO:<a@b.example>"; 101], vec!["DATA"]].concat();
        let answers = codes(&many);
        assert_eq!((answers[101], answers[102], answers[103]), (250, 452, 354));
        assert_eq!(codes(&["EHLO x", "MAIL FROM:<ä@b> SMTPUTF8", "RCPT TO:<ä@b>"]), [250, 250, 250]);
        assert_eq!(codes(&["EHLO x", "MAIL FROM:<a@b>", "RCPT TO:<ä@b>"]), [250, 250, 553]);
    }

    #[test]
    fn who_makes_only_faults_is_sent_away() {
        let answers = codes(&["WHAT"; 21]);
        assert_eq!((answers[19], answers[20]), (500, 421));
        assert_eq!(codes(&["POST / HTTP/1.1"]), [421]);
    }

    #[test]
    fn refusals_come_once_and_in_their_order() {
        let (mut session, refusals) = (Session::new(1_000), Refusals::default());
        refusals.push(Stage::Recipient, Refusal::Later);
        refusals.push(Stage::Sender, Refusal::HangUp);
        let lines = ["EHLO x", "MAIL FROM:<>", "RCPT TO:<a@b>", "RCPT TO:<a@b>", "RSET", "MAIL FROM:<>"];
        let answers: Vec<_> = lines.iter().map(|line| code(&session.line(line.as_bytes(), &refusals))).collect();
        assert_eq!(answers, [250, 250, 451, 250, 250, 0]);
    }
}
