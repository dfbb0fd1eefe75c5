//! A live session as an entry for calendars (RFC 5545).

use porter_kernel::clock::Timestamp;
use std::time::Duration;

use crate::domain::announcement::Announcement;

/// What the file is.
pub(crate) const MEDIA_TYPE: &str = "text/calendar; charset=utf-8; method=PUBLISH";
pub(crate) const FILE_NAME: &str = "live-session.ics";

/// The longest line, in bytes, before it is folded.
const LINE: usize = 73;

/// The entry; `None` when there is no session. The same announcement is the same entry, however often it comes. `domain` makes its name unique.
pub(crate) fn calendar(announcement: &Announcement, domain: &str, now: Timestamp) -> Option<String> {
    let session = announcement.new.session.as_ref()?;
    let end = session.at + Duration::from_secs(u64::try_from(session.minutes).unwrap_or_default() * 60);
    let lines = [
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Porter//Academy//EN".to_owned(),
        "METHOD:PUBLISH".to_owned(),
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}@{}", announcement.new.id, text(domain)),
        format!("DTSTAMP:{}", moment(now)),
        format!("DTSTART:{}", moment(session.at)),
        format!("DTEND:{}", moment(end)),
        format!("SUMMARY:{}", text(&format!("{}: {}", announcement.course_title, announcement.new.subject))),
        format!("LOCATION:{}", text(&session.link)),
        format!("URL:{}", one_line(&session.link)),
        "END:VEVENT".to_owned(),
        "END:VCALENDAR".to_owned(),
    ];
    Some(lines.iter().map(|line| folded(line)).collect())
}

fn moment(at: Timestamp) -> String {
    at.datetime().format("%Y%m%dT%H%M%SZ").to_string()
}

fn one_line(value: &str) -> String {
    value.chars().filter(|c| !c.is_control()).collect()
}

fn text(value: &str) -> String {
    one_line(value).replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,")
}

/// In pieces that begin with a space, no piece in the middle of a character.
fn folded(line: &str) -> String {
    let (mut folded, mut length) = (String::new(), 0);
    for character in line.chars() {
        if length + character.len_utf8() > LINE {
            folded.push_str("\r\n ");
            length = 1;
        }
        folded.push(character);
        length += character.len_utf8();
    }
    folded + "\r\n"
}

#[cfg(test)]
mod tests {
    use porter_kernel::clock::{Clock as _, ManualClock};
    use uuid::Uuid;

    use super::*;
    use crate::domain::announcement::{AnnouncementStatus, LiveSession, NewAnnouncement};
    use crate::domain::{AccountId, CourseId};

    #[test]
    fn an_entry_is_one_that_calendars_read() {
        let now = ManualClock::default().now();
        let session = LiveSession { at: now, minutes: 90, link: "https://meet.example/a,b".to_owned(), remind: true };
        let new = NewAnnouncement {
            id: Uuid::from_u128(1),
            course: CourseId(Uuid::nil()),
            author: AccountId(Uuid::nil()),
            subject: "Questions; and answers\r\nATTACH:https://evil.example é".to_owned() + &"é".repeat(80),
            body: String::new(),
            by_mail: true,
            as_notice: true,
            session: Some(session),
            publish_at: now,
        };
        let mut announcement = Announcement {
            new,
            course_title: "Data".to_owned(),
            course_slug: "data".to_owned(),
            status: AnnouncementStatus::Sent,
            published_at: None,
        };
        let entry = calendar(&announcement, "northlight.example", now).unwrap();
        assert!(
            entry.contains("DTSTART:20261124T100000Z\r\nDTEND:20261124T113000Z\r\nSUMMARY:Data: Questions\\; and answersATTACH"),
            "{entry}"
        );
        assert!(entry.contains("LOCATION:https://meet.example/a\\,b\r\n") && entry.ends_with("END:VCALENDAR\r\n"));
        assert!(entry.split("\r\n").all(|line| line.len() <= 75 && !line.starts_with("ATTACH")), "{entry}");
        announcement.new.session = None;
        assert_eq!(calendar(&announcement, "x", now), None);
    }
}
