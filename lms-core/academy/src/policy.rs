//! What the academy promises: the numbers that the diagnoses and the pages go by.

use std::collections::BTreeMap;

/// Read by the composition root from the academy's facts, the same that the help articles name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub academy_name: String,
    pub support_email: String,
    /// Where certificates can be checked, without the scheme.
    pub verify_url: String,
    pub password_min_length: usize,
    pub reset_link_minutes: u64,
    pub session_days: u64,
    pub certificate_issue_hours: u64,
    pub refund_window_days: u64,
    /// A refund is for who has completed no more of the course than this.
    pub refund_progress_limit_percent: i64,
    pub refund_decision_days: u64,
    pub refund_payout_days: u64,
    pub hold_release_days: u64,
    pub access_minutes: u64,
    /// A video counts when so much of it was watched.
    pub watched_percent: i64,
    /// How often a quiz may be taken.
    pub quiz_attempts: i64,
}

impl Policy {
    /// The figures by the names that help articles know them by.
    pub fn facts(&self) -> BTreeMap<&'static str, String> {
        BTreeMap::from([
            ("academy.name", self.academy_name.clone()),
            ("academy.support_email", self.support_email.clone()),
            ("academy.verify_url", self.verify_url.clone()),
            ("password.min_length", self.password_min_length.to_string()),
            ("password.link_minutes", self.reset_link_minutes.to_string()),
            ("login.session_days", self.session_days.to_string()),
            ("certificate.issue_hours", self.certificate_issue_hours.to_string()),
            ("refund.window_days", self.refund_window_days.to_string()),
            ("refund.progress_limit_percent", self.refund_progress_limit_percent.to_string()),
            ("refund.decision_days", self.refund_decision_days.to_string()),
            ("refund.payout_days", self.refund_payout_days.to_string()),
            ("payment.hold_release_days", self.hold_release_days.to_string()),
            ("enrolment.access_minutes", self.access_minutes.to_string()),
            ("video.watched_percent", self.watched_percent.to_string()),
            ("quiz.attempts", self.quiz_attempts.to_string()),
        ])
    }
}

#[cfg(test)]
impl Policy {
    /// The figures of the demo academy.
    pub(crate) fn sample() -> Self {
        Self {
            academy_name: "Northlight Academy".to_owned(),
            support_email: "support@northlight.example".to_owned(),
            verify_url: "northlight.example/verify".to_owned(),
            password_min_length: 10,
            reset_link_minutes: 30,
            session_days: 14,
            certificate_issue_hours: 24,
            refund_window_days: 14,
            refund_progress_limit_percent: 20,
            refund_decision_days: 3,
            refund_payout_days: 10,
            hold_release_days: 7,
            access_minutes: 15,
            watched_percent: 90,
            quiz_attempts: 3,
        }
    }
}
