//! What an instructor tells all learners of a course.

use std::str::FromStr;
use std::time::Duration;

use porter_kernel::clock::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{AccountId, CourseId, UnknownWord};

/// How long before a live session its reminder goes out.
pub const REMINDER: Duration = Duration::from_hours(1);
/// So many mails that came back for the time being, in [`SOFT_WINDOW`], are taken for an address that does not work.
pub const SOFT_MOST: i64 = 5;
pub const SOFT_WINDOW: Duration = Duration::from_hours(30 * 24);

words!(
    /// Where an announcement is.
    AnnouncementStatus as "status of an announcement" {
        Scheduled = "scheduled",
        /// Published; the mails are being written down, page by page.
        Sending = "sending",
        Sent = "sent",
        Cancelled = "cancelled",
    }
);
words!(
    /// Why a mail did not do its work.
    BounceKind as "kind of a bounce" {
        /// There is no such mailbox.
        Hard = "hard",
        /// It is full or away.
        Soft = "soft",
        /// Its reader calls it spam.
        Complaint = "complaint",
    }
);

/// A live session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveSession {
    pub at: Timestamp,
    pub minutes: i64,
    /// `https://…`
    pub link: String,
    /// Whether a reminder goes out, [`REMINDER`] before.
    pub remind: bool,
}

/// An announcement to be. Texts are an instructor's: untrusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAnnouncement {
    pub id: Uuid,
    pub course: CourseId,
    pub author: AccountId,
    pub subject: String,
    /// Markdown.
    pub body: String,
    pub by_mail: bool,
    pub as_notice: bool,
    pub session: Option<LiveSession>,
    pub publish_at: Timestamp,
}

/// An announcement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    pub new: NewAnnouncement,
    pub course_title: String,
    pub course_slug: String,
    pub status: AnnouncementStatus,
    pub published_at: Option<Timestamp>,
}

/// What became of an announcement's mails, without the reminder.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Written down for a learner.
    pub queued: i64,
    /// Taken by the mail server.
    pub sent: i64,
    /// Not sent after all: refused, or unsubscribed meanwhile.
    pub refused: i64,
    /// Sent, and came back.
    pub bounced: i64,
    /// Passed over as they do not want any.
    pub skipped_unsubscribed: i64,
    /// Passed over as their address does not work.
    pub skipped_bounced: i64,
    /// Passed over as their account is locked.
    pub skipped_inactive: i64,
}
