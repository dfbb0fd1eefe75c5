//! An instructor tells learners something, and they leave the list.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use porter_mail::MailError;
use serde_json::json;
use uuid::Uuid;

use crate::domain::Role;
use crate::domain::announcement::REMINDER;
use crate::testing::{ANNA, ANNAS, BRUNO, BRUNOS, COURSE, SERVICE, World};

const PAGE: &str = "/teach/data-analysis/announcements";

/// A form that is whole.
fn form(key: u128, more: &str) -> String {
    format!("key={}&subject=Chapter+3&body=Read+**it**.&by_mail=on&as_notice=on&action=publish{more}", Uuid::from_u128(key))
}

/// The academy with an instructor of its course, who is signed in.
async fn taught() -> (World, String) {
    let world = World::new().await;
    let cookie = world.sign_in_as(Role::Instructor, "maren@northlight.example").await;
    let maren = world.store.account_by_email("maren@northlight.example").await.unwrap().unwrap().account.id;
    world.store.let_teach(maren, COURSE).await.unwrap();
    (world, cookie)
}

/// The link by which the reader of this mail leaves.
fn leave(mail: &porter_mail::Mail) -> String {
    let (_, value) = mail.headers.iter().find(|(name, _)| *name == "List-Unsubscribe").unwrap();
    value.trim_start_matches("<http://academy.example").trim_end_matches('>').to_owned()
}

#[tokio::test]
async fn learners_get_a_mail_and_a_notice() {
    let (world, maren) = taught().await;
    assert!(world.get(PAGE, &maren).await.text().contains("Tell all learners of Data &#60;b&#62;analysis"));
    for _ in 0..2 {
        let sent = world.post(PAGE, &maren, &form(1, "")).await;
        assert_eq!((sent.status.as_u16(), sent.header("location")), (303, format!("{PAGE}#list").as_str()));
    }
    assert!(world.work().await.iter().all(|(_, outcome)| outcome.is_ok()));
    let mails = world.outbox.take();
    let mut to: Vec<&str> = mails.iter().map(|mail| mail.to_address.as_str()).collect();
    to.sort_unstable();
    assert_eq!(to, [ANNAS, BRUNOS]);
    for mail in &mails {
        assert!(mail.html.contains("<strong>it</strong>") && mail.text.contains("Read **it**.") && mail.attachments.is_empty());
        assert!(mail.headers.contains(&("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned())), "{:?}", mail.headers);
        assert!(mail.text.contains(&leave(mail)));
    }
    assert_ne!(leave(&mails[0]), leave(&mails[1]));
    let listed = world.get(PAGE, &maren).await.text();
    assert!(listed.contains("<dt>Sent</dt><dd>2</dd>") && listed.contains("Published"), "{listed}");

    let anna = world.sign_in(ANNAS).await;
    assert!(world.get("/learning", &anna).await.text().contains("One announcement"));
    let list = world.get("/announcements", &anna).await.text();
    assert!(list.contains("Chapter 3") && list.contains("New"), "{list}");
    let path = format!("/announcements/{}", Uuid::from_u128(1));
    assert!(world.get(&path, &anna).await.text().contains("<strong>it</strong>"));
    assert!(!world.get("/learning", &anna).await.text().contains("One announcement"));
    assert_eq!(world.get(&path, &maren).await.status, 404, "who is not a learner of the course");
    let bruno = world.sign_in(BRUNOS).await;
    assert_eq!(world.post("/announcements/read", &bruno, "").await.status, 303);
    assert_eq!(world.store.unread_notices(BRUNO).await.unwrap(), 0);
}

#[tokio::test]
async fn a_live_session_is_in_the_mail_and_in_the_calendar() {
    let (world, maren) = taught().await;
    let session = "&session_at=2026-11-24T18:30&session_minutes=90&session_link=https%3A%2F%2Fmeet.example%2Froom&remind=on";
    assert_eq!(world.post(PAGE, &maren, &form(1, session)).await.status, 303);
    world.work().await;
    let mails = world.outbox.take();
    let (mail, entry) = (&mails[0], String::from_utf8(mails[0].attachments[0].bytes.clone()).unwrap());
    assert!(
        mail.text.contains("24 November 2026, 18:30 UTC, 90 minutes") && mail.text.contains("https://meet.example/room"),
        "{}",
        mail.text
    );
    assert!(entry.contains("DTSTART:20261124T183000Z") && mail.attachments[0].file_name == "live-session.ics", "{entry}");
    let anna = world.sign_in(ANNAS).await;
    let path = format!("/announcements/{}", Uuid::from_u128(1));
    let page = world.get(&path, &anna).await.text();
    assert!(page.contains(r#"<time datetime="2026-11-24T18:30:00Z">24 November 2026, 18:30 UTC</time>"#), "{page}");
    assert_eq!(
        world.get(&format!("{path}/session.ics"), &anna).await.header("content-type"),
        "text/calendar; charset=utf-8; method=PUBLISH"
    );
    // An hour before.
    world.clock.advance(Duration::from_mins(8 * 60 + 30) - REMINDER);
    world.work().await;
    let reminders = world.outbox.take();
    assert!(reminders.len() == 2 && reminders.iter().all(|mail| mail.subject == "In an hour: Chapter 3"), "{reminders:?}");
}

#[tokio::test]
async fn one_click_leaves_the_list_and_nothing_else() {
    let (world, maren) = taught().await;
    world.post(PAGE, &maren, &form(1, "")).await;
    world.work().await;
    let mails = world.outbox.take();
    let link = leave(mails.iter().find(|mail| mail.to_address == ANNAS).unwrap());
    // Looking changes nothing: programs that check links do that.
    let page = world.get(&link, "").await;
    assert!(page.status == 200 && page.text().contains("Fewer mails?") && page.header("referrer-policy") == "no-referrer");
    assert!(!page.text().contains("widget.js") && !page.header("content-security-policy").contains("desk.example"));
    assert_eq!(world.store.unsubscribed(ANNA, COURSE).await.unwrap(), (false, false));
    // A mail program, from elsewhere and without a cookie; in either encoding.
    for (kind, body) in [
        ("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click".to_owned()),
        (
            "multipart/form-data; boundary=x",
            "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n".to_owned(),
        ),
    ] {
        let request = Request::post(&link)
            .header("content-type", kind)
            .header("origin", "https://mail.example")
            .header("sec-fetch-site", "cross-site");
        assert_eq!(world.call(request.body(Body::from(body)).unwrap()).await.status, 200);
        assert_eq!(world.store.unsubscribed(ANNA, COURSE).await.unwrap(), (true, false));
    }
    world.post(PAGE, &maren, &form(2, "")).await;
    world.work().await;
    let second = world.outbox.take();
    assert_eq!(second.iter().map(|mail| mail.to_address.as_str()).collect::<Vec<_>>(), [BRUNOS]);
    assert!(world.get(PAGE, &maren).await.text().contains("<dt>Unsubscribed</dt><dd>1</dd>"));
    // A link for a new password, and a certificate, come all the same.
    world.store.ask_by_address(Uuid::from_u128(7), ANNAS, world.now()).await.unwrap();
    world.work().await;
    let reset = world.outbox.take();
    assert!(reset.len() == 1 && reset[0].to_address == ANNAS && reset[0].headers.is_empty());
    // From the page: all lists, and back.
    assert!(world.post(&link, "", "scope=all").await.text().contains("No course sends you any"));
    assert_eq!(world.store.unsubscribed(ANNA, COURSE).await.unwrap(), (true, true));
    assert!(world.post(&link, "", "scope=none").await.text().contains("You get announcements again"));
    assert_eq!(world.store.unsubscribed(ANNA, COURSE).await.unwrap(), (false, false));
    for body in ["", "scope=everything", "x"] {
        assert_eq!(world.post(&link, "", body).await.status, 422, "{body}");
    }
    for bad in ["/unsubscribe/x".to_owned(), format!("{link}A"), link[..link.len() - 1].to_owned()] {
        assert_eq!(world.post(&bad, "", "List-Unsubscribe=One-Click").await.status, 404, "{bad}");
    }
}

#[tokio::test]
async fn hostile_words_stay_words() {
    let (world, maren) = taught().await;
    let body = "%3Cscript%3Ealert(1)%3C%2Fscript%3E%3Cimg+src%3Dx+onerror%3Dalert(1)%3E%5Bx%5D(javascript%3Aalert(1))";
    let hostile =
        format!("key={}&subject=Hi%0D%0ABcc%3A+eve%40evil.example&body={body}&by_mail=on&as_notice=on&action=", Uuid::from_u128(1));
    let preview = world.post(PAGE, &maren, &format!("{hostile}preview")).await;
    assert_eq!(preview.status, 200);
    assert!(preview.text().contains("not published yet") && world.work().await.is_empty());
    world.post(PAGE, &maren, &format!("{hostile}publish")).await;
    world.work().await;
    let mails = world.outbox.take();
    assert!(
        mails.len() == 2 && mails.iter().all(|mail| mail.subject == "Hi Bcc: eve@evil.example (Data <b>analysis</b> from zero)"),
        "{:?}",
        mails[0].subject
    );
    let anna = world.sign_in(ANNAS).await;
    let page = world.get(&format!("/announcements/{}", Uuid::from_u128(1)), &anna).await.text();
    for text in [&preview.text(), &page, &mails[0].html] {
        let shown = text.split("<textarea").next().unwrap();
        assert!(!shown.contains("<script>") && !shown.contains("<img") && !shown.contains("href=\"javascript"), "{shown}");
    }
}

#[tokio::test]
async fn a_form_that_is_not_whole_says_what_is_missing() {
    let (world, maren) = taught().await;
    let key = Uuid::from_u128(1);
    for (fields, said) in [
        (format!("key={key}&subject=+&body=x&by_mail=on&action=publish"), "Give it a subject"),
        (format!("key={key}&subject={}&body=x&by_mail=on&action=publish", "x".repeat(121)), "Give it a subject"),
        (format!("key={key}&subject=x&body=+&by_mail=on&action=publish"), "Write what you want to say"),
        (format!("key={key}&subject=x&body=x&action=publish"), "Choose how it reaches"),
        (form(1, "&publish_at=2020-01-01T10:00"), "at a time to come"),
        (form(1, "&session_at=2020-01-01T10:00&session_minutes=60&session_link=https%3A%2F%2Fa.example"), "must begin after"),
        (form(1, "&session_at=2030-01-01T10:00&session_minutes=0&session_link=https%3A%2F%2Fa.example"), "how many minutes"),
        (form(1, "&session_at=2030-01-01T10:00&session_minutes=60&session_link=http%3A%2F%2Fa.example"), "begins with https://"),
    ] {
        let answer = world.post(PAGE, &maren, &fields).await;
        assert!(answer.status == 422 && answer.text().contains(said), "{fields}: {}", answer.text());
    }
    assert!(world.work().await.is_empty());
    // Scheduled, and taken back.
    assert_eq!(world.post(PAGE, &maren, &form(2, "&publish_at=2026-12-01T10:00")).await.status, 303);
    let cancel = format!("{PAGE}/{}/cancel", Uuid::from_u128(2));
    assert!(world.get(PAGE, &maren).await.text().contains("Scheduled"));
    assert_eq!(world.post(&cancel, &maren, "").await.status, 303);
    assert_eq!(world.post(&cancel, &maren, "").await.status, 409);
}

#[tokio::test]
async fn only_who_teaches_the_course_announces() {
    let (world, _) = taught().await;
    let other = world.sign_in_as(Role::Instructor, "ina@northlight.example").await;
    let anna = world.sign_in(ANNAS).await;
    for cookie in [other, anna, String::new()] {
        for path in [PAGE, "/teach/none/announcements"] {
            let (page, sent) = (world.get(path, &cookie).await.status, world.post(path, &cookie, &form(1, "")).await.status);
            assert!(matches!(page.as_u16(), 303 | 404) && matches!(sent.as_u16(), 303 | 404), "{path}: {page} {sent}");
        }
    }
    assert!(world.work().await.is_empty());
}

async fn bounce(world: &World, token: Option<&str>, kind: &str, body: String) -> u16 {
    let mut request = Request::post("/mail/bounces").header("content-type", kind);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    world.call(request.body(Body::from(body)).unwrap()).await.status.as_u16()
}

#[tokio::test]
async fn what_comes_back_is_noted_however_it_is_told() {
    let (world, maren) = taught().await;
    world.post(PAGE, &maren, &form(1, "")).await;
    world.work().await;
    let mails = world.outbox.take();
    let id = |address: &str| mails.iter().find(|mail| mail.to_address == address).unwrap().message_id.clone();
    let told = |id: &str, kind: &str| json!({ "message_id": id, "kind": kind, "at": "2026-11-24T10:00:00Z" }).to_string();
    for token in [None, Some("wrong")] {
        assert_eq!(bounce(&world, token, "application/json", told(&id(ANNAS), "hard")).await, 401);
    }
    assert_eq!(bounce(&world, Some(SERVICE), "application/json", told(&format!("<{}>", id(ANNAS)), "hard")).await, 204);
    assert!(world.store.out_of_reach(ANNA, world.now()).await.unwrap());
    for (body, status) in [(told("nobody@x.example", "hard"), 202), (told(&id(ANNAS), "mood"), 422), ("{}".to_owned(), 422)] {
        assert_eq!(bounce(&world, Some(SERVICE), "application/json", body).await, status);
    }
    let report = format!(
        "From: MAILER-DAEMON@mx.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n\
         --b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{}>\r\n\r\n--b--\r\n",
        id(BRUNOS)
    );
    assert_eq!(bounce(&world, Some(SERVICE), "message/rfc822", report).await, 204);
    assert_eq!(bounce(&world, Some(SERVICE), "message/rfc822", "Subject: Lunch?\r\n\r\nhello".to_owned()).await, 202);
    assert!(world.store.out_of_reach(BRUNO, world.now()).await.unwrap());
    assert!(world.get(PAGE, &maren).await.text().contains("<dt>Came back</dt><dd>2</dd>"));
    // Neither gets the next one; Anna says that her address works, and gets the one after.
    world.post(PAGE, &maren, &form(2, "")).await;
    world.work().await;
    assert!(world.outbox.take().is_empty());
    let anna = world.sign_in(ANNAS).await;
    assert!(world.get("/learning", &anna).await.text().contains("Our mail to you comes back"));
    assert!(world.get("/announcements", &anna).await.text().contains(ANNAS));
    assert_eq!(world.post("/announcements/mail-works", &anna, "").await.status, 303);
    world.post(PAGE, &maren, &form(3, "")).await;
    world.work().await;
    assert_eq!(world.outbox.take().iter().map(|mail| mail.to_address.clone()).collect::<Vec<_>>(), [ANNAS]);
}

#[tokio::test]
async fn a_server_that_knows_no_such_mailbox_counts_as_a_bounce() {
    let (world, maren) = taught().await;
    world.post(PAGE, &maren, &form(1, "")).await;
    world.outbox.failures.lock().unwrap().push_back(MailError::Never("it answered 550 5.1.1".to_owned()));
    world.work().await;
    assert_eq!(world.outbox.take().len(), 1);
    let lost = [ANNA, BRUNO].map(|account| world.store.out_of_reach(account, world.now()));
    let lost = futures_of(lost).await;
    assert_eq!(lost.iter().filter(|lost| **lost).count(), 1);
    // A refusal of what it says is not one.
    world.post(PAGE, &maren, &form(2, "")).await;
    world.outbox.failures.lock().unwrap().push_back(MailError::Never("it answered 554 5.7.1".to_owned()));
    world.work().await;
    assert_eq!(world.outbox.take().len(), 0);
    assert!(world.get(PAGE, &maren).await.text().contains("<dt>Address fails</dt><dd>1</dd>"));
}

async fn futures_of<F: Future<Output = crate::store::Result<bool>>>(futures: [F; 2]) -> Vec<bool> {
    let mut all = Vec::new();
    for future in futures {
        all.push(future.await.unwrap());
    }
    all
}
