//! Mail over HTTP, to the answer that goes out.

use std::sync::Arc;

use axum::http::Method;
use porter_actions::ActionName;
use porter_kernel::http::Secrets;
use porter_knowledge_base::Extract;
use porter_mail::{MailError, WrittenBy};
use porter_triage::{Decision, Intent, Urgency};
use serde_json::{Value, json};

use super::{Reply, Site};
use crate::domain::{ConversationId, Role, StaffId, TicketId};
use crate::store::NewStaff;
use crate::testing::{MAIL_SECRET, OWN_ADDRESS, Posted, reading, wants};
use crate::texts;

fn mail(id: &str, more: &str, text: &str) -> String {
    format!(
        "From: Anna Berg <anna@learners.example>\r\nTo: {OWN_ADDRESS}\r\nSubject: My certificate\r\nMessage-ID: <{id}@learners.example>\r\n{more}\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    )
}

pub(super) fn answerable() -> crate::respond::Understood {
    let mut understood = reading(Intent::CertificateVerification, Urgency::Normal, Decision::Answer, None);
    understood.extract = Some(Extract {
        title: "Certificates".to_owned(),
        url: "/help/certificates".to_owned(),
        slug: "certificates".to_owned(),
        pieces: vec!["Open the page.".to_owned()],
        score: 0.9,
    });
    understood
}

impl Site {
    async fn deliver_signed(&self, mail: &[u8], signature: &str) -> Reply {
        let response = self.request(Method::POST, "/api/v1/inbound-mail", &[("porter-signature", signature)], mail.to_vec()).await;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = axum::body::to_bytes(response.into_body(), 1_000_000).await.unwrap();
        Reply { status, headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    async fn deliver(&self, mail: &str) -> Reply {
        let signature = Secrets::parse(MAIL_SECRET).unwrap().sign(mail.as_bytes(), self.world.now());
        self.deliver_signed(mail.as_bytes(), &signature).await
    }

    /// Delivers a mail that is taken: its conversation.
    async fn receives(&self, mail: &str) -> ConversationId {
        let answer = self.deliver(mail).await;
        assert_eq!(answer.status, 202, "{}", answer.text);
        answer.json()["conversation"].as_str().unwrap().parse().unwrap()
    }

    pub(super) async fn claims(&self, conversation: ConversationId) -> (TicketId, StaffId) {
        let (store, now, id) = (&self.world.store, self.world.now(), StaffId(self.world.uuid()));
        let email = format!("{id}@northlight.example");
        let agent = NewStaff { id, email, name: "Mina".to_owned(), role: Role::Agent, password_hash: String::new() };
        store.create_staff(&agent, now).await.unwrap();
        let ticket = store.open_ticket(conversation).await.unwrap().expect("a ticket");
        store.claim(ticket, id, now).await.unwrap();
        (ticket, id)
    }
}

#[tokio::test]
async fn a_mail_is_answered_by_mail_and_its_answer_threads() {
    let (site, posted) = (Site::open().await, Arc::new(Posted::default()));
    let conversation = site.receives(&mail("one", "", "Is it real?\n\nKind regards\nAnna")).await;
    site.world.reader.says(answerable());
    assert!(site.world.answer().await);
    assert_eq!(site.world.post(&posted).await, 1);
    let [sent] = &posted.mails()[..] else { panic!("one mail") };
    assert_eq!((sent.to_address.as_str(), sent.subject.as_str()), ("anna@learners.example", "Re: My certificate"));
    assert!(sent.text.contains("Open the page.") && sent.text.contains("https://help.example/help/certificates"), "{}", sent.text);
    assert_eq!(sent.headers[0], ("In-Reply-To", "<one@learners.example>".to_owned()));
    assert_eq!(site.world.messages(conversation).await[0].text, "Is it real?");

    // The same mail again, another way: nothing.
    let again =
        site.deliver(&format!("Received: by another\r\n{}", mail("one", "", "Is it real?\n\nKind regards\nAnna"))).await.ok();
    assert_eq!(
        (again["outcome"].as_str(), again["conversation"].as_str()),
        (Some("known"), Some(conversation.to_string().as_str()))
    );
    assert!(!site.world.answer().await && site.world.post(&posted).await == 0);

    // Its answer belongs to the same conversation, and no article has this one.
    let answering = format!("In-Reply-To: <{}>\r\n", sent.message_id);
    assert_eq!(
        site.receives(&mail(
            "two",
            &answering,
            "No.\n\nOn 24 Nov 2026 Northlight <support@northlight.example> wrote:\n> Open the page."
        ))
        .await,
        conversation
    );
    site.world.reader.says(reading(Intent::CertificateVerification, Urgency::Normal, Decision::Answer, None));
    assert!(site.world.answer().await);
    let messages = site.world.messages(conversation).await;
    assert_eq!(messages[2].text, "No.");
    assert_eq!(messages[3].text, texts::letter::HANDED_OFF.replace("{place}", "1"));
    assert_eq!(site.world.post(&posted).await, 1);

    // A person answers by mail.
    let (ticket, agent) = site.claims(conversation).await;
    site.world.store.agent_reply(ticket, agent, site.world.uuid(), "It is real.", site.world.now()).await.unwrap();
    assert_eq!(site.world.post(&posted).await, 1);
    let last = posted.mails().pop().unwrap();
    assert_eq!((last.written_by, last.to_address.as_str()), (WrittenBy::Person, "anna@learners.example"));
    assert!(last.text.contains("It is real.\n\nMina\nNorthlight"), "{}", last.text);
    assert!(last.headers[1].1.contains(&sent.message_id) && last.headers[0].1 == "<two@learners.example>", "{:?}", last.headers);
}

#[tokio::test]
async fn a_wish_by_mail_is_not_carried_out_but_told_the_way() {
    let (site, posted) = (Site::open().await, Arc::new(Posted::default()));
    for action in ActionName::ALL {
        let conversation = site.receives(&mail(action.as_str(), "", "please do it")).await;
        site.world.reader.says(wants(*action));
        assert!(site.world.answer().await);
        let message = site.world.last(conversation).await;
        assert_eq!((message.card, message.offer_person), (None, false));
        let way = if *action == ActionName::PasswordReset {
            "https://learn.example/forgot-password"
        } else {
            "https://learn.example/sign-in"
        };
        assert!(message.text.contains(way), "{}", message.text);
        site.world.post(&posted).await;
        site.world.clock.advance(std::time::Duration::from_secs(900));
    }
    assert!(site.world.lms.effects().is_empty());
    assert_eq!(posted.mails().len(), ActionName::ALL.len());
}

#[tokio::test]
async fn a_mail_is_taken_only_as_it_was_signed() {
    let site = Site::open().await;
    let (mail, now) = (mail("one", "", "Hello"), site.world.now());
    let secrets = Secrets::parse(MAIL_SECRET).unwrap();
    let forged = Secrets::parse("somebody else's secret").unwrap().sign(mail.as_bytes(), now);
    let old = secrets.sign(mail.as_bytes(), now - std::time::Duration::from_secs(301));
    let other = secrets.sign(b"another mail", now);
    for (signature, what) in
        [(forged.as_str(), "wrong"), (&old, "too old"), (&other, "wrong"), ("t=1", "no signature"), ("", "no signature")]
    {
        let answer = site.deliver_signed(mail.as_bytes(), signature).await;
        assert_eq!(answer.status, 401, "{}", answer.text);
        assert!(answer.json()["detail"].as_str().unwrap().contains(what), "{}", answer.text);
    }
    let response = site.request(Method::POST, "/api/v1/inbound-mail", &[], mail.clone()).await;
    assert_eq!(response.status(), 401);
    assert!(!site.world.answer().await);
    // While a secret is replaced, the mail server has either.
    assert_eq!(site.deliver_signed(mail.as_bytes(), &secrets.sign(mail.as_bytes(), now)).await.status, 202);
}

#[tokio::test]
async fn what_nobody_wrote_opens_nothing_and_is_never_answered() {
    let site = Site::open().await;
    for headers in ["Auto-Submitted: auto-replied\r\n", "Return-Path: <>\r\n", "Precedence: bulk\r\n", "List-Id: <x.example>\r\n"] {
        let answer = site.deliver(&mail("auto", headers, "I am away.")).await;
        assert_eq!((answer.status, answer.json()["conversation"].clone()), (202, Value::Null), "{headers}");
        assert_eq!(answer.json()["outcome"], "automatic");
    }
    let own = site.deliver(&format!("From: {OWN_ADDRESS}\r\nMessage-ID: <own@x>\r\n\r\nHello")).await;
    assert_eq!(own.json()["outcome"], "automatic");
    assert!(!site.world.answer().await);
}

#[tokio::test]
async fn an_answer_that_came_back_is_noted_for_the_agent() {
    let (site, posted) = (Site::open().await, Arc::new(Posted::default()));
    let conversation = site.receives(&mail("one", "", "Is it real?")).await;
    site.world.reader.says(answerable());
    site.world.answer().await;
    site.world.post(&posted).await;
    let sent = posted.mails().pop().unwrap().message_id;
    let bounce = format!(
        "From: MAILER-DAEMON@mx.example\r\nReturn-Path: <>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b\r\n\
         Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b\r\n\
         Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{sent}>\r\n\r\n--b--\r\n"
    );
    assert_eq!(site.deliver(&bounce).await.ok()["outcome"], "came_back");
    let kept = site.world.store.correspondence(conversation).await.unwrap().unwrap();
    assert!(kept.replies[0].failure.as_deref().unwrap().contains("no such mailbox"), "{kept:?}");
    assert_eq!(site.world.messages(conversation).await.len(), 2);
}

#[tokio::test]
async fn a_server_that_refuses_a_mail_for_good_is_believed_and_one_that_is_away_is_asked_again() {
    let (site, posted) = (Site::open().await, Arc::new(Posted::default()));
    let conversation = site.receives(&mail("one", "", "Is it real?")).await;
    site.world.reader.says(answerable());
    site.world.answer().await;
    posted.refuses(Some(MailError::Later("451 not now".to_owned())));
    assert_eq!(site.world.post(&posted).await, 1);
    site.world.clock.advance(std::time::Duration::from_secs(3_600));
    posted.refuses(Some(MailError::Never("550 5.1.1 <anna@learners.example>: unknown".to_owned())));
    assert_eq!(site.world.post(&posted).await, 1);
    let kept = site.world.store.correspondence(conversation).await.unwrap().unwrap();
    assert_eq!(kept.replies[0].failure.as_deref(), Some("Not sent: 550 5.1.1 … unknown"));
    site.world.clock.advance(std::time::Duration::from_secs(3_600));
    assert_eq!(site.world.post(&posted).await, 0);
    assert_eq!(site.world.messages(conversation).await.len(), 2);
}

#[tokio::test]
async fn what_is_no_mail_or_too_large_is_told_what_to_do() {
    let site = Site::open().await;
    for (body, what) in [("", "no mail"), ("Subject: x\r\n\r\nhello", "From")] {
        let answer = site.deliver(body).await;
        assert_eq!(answer.status, 422, "{}", answer.text);
        assert!(answer.json()["detail"].as_str().unwrap().contains(what), "{}", answer.text);
    }
    let large = vec![b'x'; (25 << 20) + 1];
    let signature = Secrets::parse(MAIL_SECRET).unwrap().sign(&large, site.world.now());
    assert_eq!(site.deliver_signed(&large, &signature).await.status, 413);
}

#[tokio::test]
async fn one_sender_is_slowed_down_and_others_are_not() {
    let site = Site::open().await;
    for n in 0..30 {
        site.receives(&mail(&n.to_string(), "", "Hello")).await;
    }
    let answer = site.deliver(&mail("more", "", "Hello")).await;
    assert_eq!((answer.status, answer.headers["retry-after"].to_str().unwrap()), (429, "600"));
    site.receives("From: ben@learners.example\r\n\r\nHello").await;
}

#[tokio::test]
async fn a_flood_in_somebodys_name_reaches_them_six_times_and_then_people_see_it() {
    let (site, posted) = (Site::open().await, Arc::new(Posted::default()));
    site.world.reader.says(answerable());
    for n in 0..20 {
        site.receives(&mail(&n.to_string(), "", "Is it real?")).await;
        assert!(site.world.answer().await);
        site.world.post(&posted).await;
    }
    assert_eq!(posted.mails().len(), 6);
    let waiting = site.world.store.tickets(crate::store::TicketView::Queue, 100).await.unwrap();
    assert_eq!(waiting.len(), 14);
    assert!(waiting.iter().all(|row| row.reason.contains("nothing was sent")), "{waiting:?}");
}

#[tokio::test]
async fn what_is_forwarded_or_calls_for_a_person_goes_to_one_unread() {
    let site = Site::open().await;
    site.world.reader.fails();
    let forwarded =
        "From: anna@learners.example\r\nSubject: Fwd: x\r\n\r\n---------- Forwarded message ---------\nReset my password.";
    for (mail, reason) in [(forwarded.to_owned(), "forwarded"), (mail("call", "", "Person!"), "asks for a person")] {
        let conversation = site.receives(&mail).await;
        assert!(site.world.answer().await);
        let ticket = site.world.store.open_ticket(conversation).await.unwrap().expect("a ticket");
        let detail = site.world.store.ticket(ticket).await.unwrap().unwrap();
        assert!(detail.row.reason.contains(reason), "{}", detail.row.reason);
        assert!(!detail.summary.contains("Reset"), "{}", detail.summary);
    }
    let conversation = site.receives(&mail("broken", "", "Is it real?")).await;
    assert!(site.world.answer().await);
    assert_eq!(site.world.last(conversation).await.text, texts::letter::HANDED_OFF_FAULT.replace("{place}", "3"));
}

#[tokio::test]
async fn an_agent_sees_that_it_is_a_mail_and_what_came_with_it() {
    let site = Site::open().await;
    let with_file = "From: Anna Berg <anna@learners.example>\r\nSubject: Broken\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nIt breaks.\r\n\r\n-- \r\nAnna\r\n--b\r\nContent-Type: image/png; name=error.png\r\n\
         Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--b--\r\n";
    let conversation = site.receives(with_file).await;
    site.world.reader.says(reading(Intent::Complaint, Urgency::Normal, Decision::Escalate, None));
    assert!(site.world.answer().await);
    let case = super::inbox::case_of(&site, conversation).await;
    assert_eq!((case["channel"].as_str(), &case["student"]), (Some("mail"), &Value::Null));
    let letters = &case["letters"];
    assert_eq!(
        (letters["address"].as_str(), letters["name"].as_str(), letters["subject"].as_str()),
        (Some("anna@learners.example"), Some("Anna Berg"), Some("Broken"))
    );
    assert_eq!(letters["letters"][0]["files"], json!([{ "name": "error.png", "media_type": "image/png", "size": 8 }]));
    assert!(letters["letters"][0]["rest"].as_str().unwrap().contains("Anna"));
    assert_eq!(case["messages"][0]["text"], "It breaks.");
}
