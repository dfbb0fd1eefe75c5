//! Letters about the account itself: all are a few paragraphs, and some have one button.

use askama::Template;
use porter_kernel::clock::Timestamp;
use porter_kernel::ids::Token;
use porter_mail::Mail;
use uuid::Uuid;

use super::{Frame, Letterhead};
use crate::domain::{Account, EmailChangeState};
use crate::http::words::{date, date_and_time};

#[derive(Template)]
#[template(path = "letters/note.html")]
struct NoteHtml<'a> {
    frame: &'a Frame<'a>,
    subject: &'a str,
    before: &'a [&'a str],
    button: Option<(&'a str, &'a str)>,
    after: &'a [&'a str],
}

#[derive(Template)]
#[template(path = "letters/note.txt")]
struct NoteText<'a> {
    frame: &'a Frame<'a>,
    before: &'a [&'a str],
    button: Option<(&'a str, &'a str)>,
    after: &'a [&'a str],
}

/// What a letter says: paragraphs, a button, paragraphs.
struct Note<'a> {
    subject: String,
    before: &'a [&'a str],
    button: Option<(&'a str, String)>,
    after: &'a [&'a str],
}

const NOT_YOU: &str = "It was not you? Then set a new password at once, and write to us.";

impl Letterhead<'_> {
    fn note(&self, id: Uuid, account: &Account, note: &Note<'_>) -> askama::Result<Mail> {
        let frame = &self.frame(account);
        let button = note.button.as_ref().map(|(label, link)| (*label, link.as_str()));
        let (before, after) = (note.before, note.after);
        let text = NoteText { frame, before, button, after }.render()?;
        let html = NoteHtml { frame, subject: &note.subject, before, button, after }.render()?;
        Ok(self.mail(id, account, note.subject.clone(), text, html))
    }

    fn link(&self, path: &str, token: &Token) -> String {
        format!("{}{path}?token={}", self.public_url, token.reveal())
    }

    /// The link that makes a new account usable.
    ///
    /// # Errors
    /// When a template cannot be rendered: a fault here. So for all letters.
    pub(crate) fn verify_email(&self, id: Uuid, account: &Account, token: &Token, until: Timestamp) -> askama::Result<Mail> {
        let ends = format!("The link works once, until {}.", date_and_time(until));
        self.note(
            id,
            account,
            &Note {
                subject: format!("Confirm your address at {}", self.policy.academy_name),
                before: &["welcome! One step is left: show us that this mailbox is yours, and your account is ready."],
                button: Some(("Confirm the address", self.link("/verify-email", token))),
                after: &[&ends, "You did not sign up? Then you need not do anything: without the link no account comes of it."],
            },
        )
    }

    /// Somebody signed up with an address that has an account.
    pub(crate) fn account_exists(&self, id: Uuid, account: &Account) -> askama::Result<Mail> {
        self.note(
            id,
            account,
            &Note {
                subject: format!("You have an account at {} already", self.policy.academy_name),
                before: &["somebody, most likely you, wanted to sign up with this address. It has an account already, and nothing was changed."],
                button: Some(("Sign in", format!("{}/sign-in", self.public_url))),
                after: &["You do not know the password any more? The page for signing in leads to a new one.", "It was not you? Then you need not do anything."],
            },
        )
    }

    /// To the present address: may it be replaced?
    pub(crate) fn email_change_old(
        &self,
        id: Uuid,
        account: &Account,
        change: &EmailChangeState,
        token: &Token,
    ) -> askama::Result<Mail> {
        let what = format!("somebody, most likely you, wants to move your account from this address to {}.", change.new_email);
        let ends = format!("It happens only when both addresses have said yes, until {}.", date_and_time(change.expires_at));
        self.note(
            id,
            account,
            &Note {
                subject: format!("May your address at {} be changed?", self.policy.academy_name),
                before: &[&what],
                button: Some(("Look at it: yes or no", self.link("/confirm-email", token))),
                after: &[&ends, "It was not you? Open the link and say no, then set a new password: somebody knows yours."],
            },
        )
    }

    /// To the new address.
    pub(crate) fn email_change_new(
        &self,
        id: Uuid,
        account: &Account,
        change: &EmailChangeState,
        token: &Token,
    ) -> askama::Result<Mail> {
        let ends =
            format!("The present address has to agree as well, and the link works until {}.", date_and_time(change.expires_at));
        let note = Note {
            subject: format!("Confirm your new address at {}", self.policy.academy_name),
            before: &["this address is to become the one of an account here. Show us that this mailbox is yours."],
            button: Some(("Confirm the new address", self.link("/confirm-email", token))),
            after: &[&ends, "It was not you? Then you need not do anything."],
        };
        Ok(Mail { to_address: change.new_email.clone(), ..self.note(id, account, &note)? })
    }

    /// The address was replaced.
    pub(crate) fn email_changed(
        &self,
        id: Uuid,
        account: &Account,
        change: &EmailChangeState,
        to_old: bool,
    ) -> askama::Result<Mail> {
        let what = if to_old {
            "your account does not use this address any more, as both addresses have agreed."
        } else {
            "your account uses this address from now on. Sign in with it."
        };
        let note = Note {
            subject: format!("Your address at {} was changed", self.policy.academy_name),
            before: &[what],
            button: None,
            after: &["It was not you? Write to us at once."],
        };
        let to_address = if to_old { change.old_email.clone() } else { change.new_email.clone() };
        Ok(Mail { to_address, ..self.note(id, account, &note)? })
    }

    /// The second factor was turned on or off.
    pub(crate) fn two_factor_changed(&self, id: Uuid, account: &Account, on: bool, at: Timestamp) -> askama::Result<Mail> {
        let what = if on {
            format!(
                "two-factor sign-in was turned on for your account on {}: from now on we ask for a code from your app.",
                date_and_time(at)
            )
        } else {
            format!("two-factor sign-in was turned off for your account on {}: the password alone opens it.", date_and_time(at))
        };
        let subject = format!("Two-factor sign-in at {} was turned {}", self.policy.academy_name, if on { "on" } else { "off" });
        self.note(
            id,
            account,
            &Note { subject, before: &[&what], button: None, after: &["If that was you, all is well.", NOT_YOU] },
        )
    }

    /// The account will be erased.
    pub(crate) fn deletion_asked(&self, id: Uuid, account: &Account, due: Timestamp) -> askama::Result<Mail> {
        let what =
            format!("you asked us to delete your account. On {} everything about you is erased, certificates too.", date(due));
        self.note(
            id,
            account,
            &Note {
                subject: format!("Your account at {} will be deleted", self.policy.academy_name),
                before: &[&what, "What the law makes us keep of orders stays, without your name and address."],
                button: Some(("Keep the account: sign in", format!("{}/sign-in", self.public_url))),
                after: &["You have changed your mind? Sign in before that day, and everything stays as it is.", NOT_YOU],
            },
        )
    }

    /// It will not be erased.
    pub(crate) fn deletion_cancelled(&self, id: Uuid, account: &Account) -> askama::Result<Mail> {
        self.note(
            id,
            account,
            &Note {
                subject: format!("Your account at {} stays", self.policy.academy_name),
                before: &["you signed in, so your account is not deleted. Everything is as it was."],
                button: None,
                after: &[NOT_YOU],
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use porter_kernel::clock::{Clock as _, ManualClock};

    use super::*;
    use crate::domain::{AccountId, AccountStatus, Role};
    use crate::policy::Policy;
    use crate::tokens::SigningKey;

    #[test]
    fn every_letter_goes_to_the_right_address_and_has_its_link_in_both_parts() {
        let (policy, key, now) = (Policy::sample(), SigningKey::from_bytes([7; 32]), ManualClock::default().now());
        let head = Letterhead { policy: &policy, public_url: "http://academy.example" };
        let (id, old, new) = (Uuid::from_u128(9), "anna@learner.example", "new@learner.example");
        let account = Account {
            id: AccountId(Uuid::from_u128(1)),
            email: old.to_owned(),
            name: "<b>Anna</b>".to_owned(),
            role: Role::Learner,
            status: AccountStatus::Active,
            created_at: now,
        };
        let change = EmailChangeState {
            id,
            account: account.clone(),
            old_email: old.to_owned(),
            new_email: new.to_owned(),
            expires_at: now,
            old_said: false,
            new_said: false,
            done: false,
        };
        let token = key.verification_token(id);
        let secret = Some(token.reveal());
        for (mail, to, link) in [
            (head.verify_email(id, &account, &token, now), old, secret),
            (head.account_exists(id, &account), old, Some("/sign-in")),
            (head.email_change_old(id, &account, &change, &token), old, secret),
            (head.email_change_new(id, &account, &change, &token), new, secret),
            (head.email_changed(id, &account, &change, true), old, None),
            (head.email_changed(id, &account, &change, false), new, None),
            (head.two_factor_changed(id, &account, true, now), old, None),
            (head.deletion_asked(id, &account, now), old, Some("/sign-in")),
            (head.deletion_cancelled(id, &account), old, None),
        ] {
            let mail = mail.unwrap();
            assert_eq!(mail.to_address, to, "{}", mail.subject);
            for part in [&mail.text, &mail.html] {
                assert!(part.contains("Hello,") && part.contains("support@northlight.example"), "{part}");
                assert!(!part.contains("{{") && !part.contains("<b>Anna") && !part.contains("\n\n\n\n"), "{part}");
                assert!(link.is_none_or(|link| part.contains(link)), "{part}");
            }
            assert!(!mail.text.contains('<') && !mail.subject.contains(token.reveal()), "{}", mail.text);
        }
    }
}
