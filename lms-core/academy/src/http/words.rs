//! How facts are said on pages and in mails.

use porter_kernel::clock::Timestamp;

use crate::domain::catalogue::Level;
use crate::domain::{ChargeStatus, EnrolmentStatus, LessonKind, OrderStatus, RefundStatus};

/// `24 November 2026`, in UTC.
pub(crate) fn date(moment: Timestamp) -> String {
    moment.datetime().format("%-d %B %Y").to_string()
}

/// `24 November 2026, 10:30 UTC`.
pub(crate) fn date_and_time(moment: Timestamp) -> String {
    moment.datetime().format("%-d %B %Y, %H:%M UTC").to_string()
}

/// How a status looks: the page gives each its colour and never says it by the colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Badge {
    pub(super) text: &'static str,
    /// `good`, `waiting`, `bad` or `quiet`: a class of the style sheet.
    pub(super) tone: &'static str,
}

pub(super) const fn badge(text: &'static str, tone: &'static str) -> Badge {
    Badge { text, tone }
}

pub(super) fn order(status: OrderStatus) -> Badge {
    match status {
        OrderStatus::Open => badge("Waiting for payment", "waiting"),
        OrderStatus::Paid => badge("Paid", "good"),
        OrderStatus::Failed => badge("Payment failed", "bad"),
        OrderStatus::Refunded => badge("Refunded", "quiet"),
        OrderStatus::Cancelled => badge("Cancelled", "quiet"),
    }
}

pub(super) fn charge(status: ChargeStatus) -> Badge {
    match status {
        ChargeStatus::Authorised => badge("On hold, not charged", "waiting"),
        ChargeStatus::Captured => badge("Charged", "good"),
        ChargeStatus::Declined => badge("Declined by the bank", "bad"),
        ChargeStatus::Released => badge("Hold ended, not charged", "quiet"),
    }
}

pub(super) fn refund(status: RefundStatus) -> Badge {
    match status {
        RefundStatus::Requested => badge("Asked for", "waiting"),
        RefundStatus::Approved => badge("Approved", "waiting"),
        RefundStatus::Sent => badge("On its way", "waiting"),
        RefundStatus::Settled => badge("Paid back", "good"),
        RefundStatus::Rejected => badge("Not granted", "bad"),
    }
}

pub(super) fn level(level: Level) -> &'static str {
    match level {
        Level::Beginner => "Beginner",
        Level::Intermediate => "Intermediate",
        Level::Advanced => "Advanced",
    }
}

pub(super) fn lesson(kind: LessonKind) -> &'static str {
    match kind {
        LessonKind::Text => "Text",
        LessonKind::Video => "Video",
        LessonKind::Quiz => "Quiz",
    }
}

/// `English` for `en`; what is not known here stays as it is.
pub(super) fn language(code: &str) -> &str {
    match code {
        "en" => "English",
        "de" => "German",
        "es" => "Spanish",
        "fr" => "French",
        other => other,
    }
}

/// `12 lessons`, `1 lesson`.
pub(super) fn count(number: i64, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

/// `about 6 hours`, `40 minutes`.
pub(super) fn length(minutes: i64) -> String {
    match (minutes + 30) / 60 {
        0 => count(minutes, "minute"),
        1 => "about 1 hour".to_owned(),
        hours => format!("about {hours} hours"),
    }
}

/// The status of a course as its learner sees it at this moment.
pub(super) fn enrolment(
    status: EnrolmentStatus,
    starts_at: Option<Timestamp>,
    access_until: Option<Timestamp>,
    now: Timestamp,
) -> Badge {
    match status {
        EnrolmentStatus::Pending => badge("Being opened", "waiting"),
        EnrolmentStatus::Cancelled => badge("Cancelled", "quiet"),
        _ if access_until.is_some_and(|until| until <= now) => badge("Access has ended", "quiet"),
        EnrolmentStatus::Completed => badge("Completed", "good"),
        EnrolmentStatus::Active if starts_at.is_some_and(|start| start > now) => badge("Starts soon", "waiting"),
        EnrolmentStatus::Active => badge("Open", "good"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use porter_kernel::clock::{Clock as _, ManualClock};

    use super::*;

    #[test]
    fn dates_are_written_out() {
        let now = ManualClock::default().now();
        assert_eq!(date(now), "24 November 2026");
        assert_eq!(date_and_time(now), "24 November 2026, 10:00 UTC");
    }

    #[test]
    fn a_course_is_open_only_between_its_start_and_its_end() {
        let now = ManualClock::default().now();
        let (before, after) = (Some(now - Duration::from_secs(1)), Some(now + Duration::from_secs(1)));
        let text = |status, starts, until| enrolment(status, starts, until, now).text;
        assert_eq!(text(EnrolmentStatus::Active, None, None), "Open");
        assert_eq!(text(EnrolmentStatus::Active, before, after), "Open");
        assert_eq!(text(EnrolmentStatus::Active, after, None), "Starts soon");
        assert_eq!(text(EnrolmentStatus::Active, before, before), "Access has ended");
        assert_eq!(text(EnrolmentStatus::Pending, None, before), "Being opened");
    }
}
