//! The closed set of intents, and what each usually means for decision and urgency.

use porter_actions::ActionName;
use serde::{Deserialize, Serialize};

macro_rules! named {
    ($(#[$meta:meta])* $type:ident { $($variant:ident = $name:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $type { $(#[serde(rename = $name)] $variant,)+ }

        impl $type {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name as it stands in files and in the API.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $type {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                match text { $($name => Ok(Self::$variant),)+ other => Err(format!("unknown {}: {other:?}", stringify!($type))) }
            }
        }
    };
}

named! {
    /// What happens next.
    Decision {
        Act = "act",
        Answer = "answer",
        Escalate = "escalate",
    }
}

named! {
    /// How soon a person should look, by need and not by the words' own claim.
    Urgency {
        Low = "low",
        Normal = "normal",
        High = "high",
        Critical = "critical",
    }
}

named! {
    /// The writer's mood, for people who read the queue: nothing is decided by it.
    Sentiment {
        Negative = "negative",
        Neutral = "neutral",
        Positive = "positive",
    }
}

named! {
    /// What a message is about.
    Intent {
        PasswordReset = "password_reset",
        LoginTrouble = "login_trouble",
        EmailChange = "email_change",
        NameChange = "name_change",
        PrivacyRequest = "privacy_request",
        CertificateResend = "certificate_resend",
        CertificateMissing = "certificate_missing",
        CertificateVerification = "certificate_verification",
        RefundStatus = "refund_status",
        RefundRequest = "refund_request",
        ChargeQuestion = "charge_question",
        PaymentFailed = "payment_failed",
        InvoiceRequest = "invoice_request",
        DiscountQuestion = "discount_question",
        AccessAfterPayment = "access_after_payment",
        EnrolmentChange = "enrolment_change",
        CourseInformation = "course_information",
        VideoPlayback = "video_playback",
        GradeDispute = "grade_dispute",
        QuizProblem = "quiz_problem",
        DeadlineExtension = "deadline_extension",
        ContentError = "content_error",
        ProgressMissing = "progress_missing",
        TechnicalIssue = "technical_issue",
        Accessibility = "accessibility",
        Complaint = "complaint",
        Safety = "safety",
        HumanRequest = "human_request",
        Smalltalk = "smalltalk",
        OutOfScope = "out_of_scope",
    }
}

impl Intent {
    /// The decision when nothing in the message speaks against it.
    pub fn usual_decision(self) -> Decision {
        use Intent as I;
        match self {
            I::PasswordReset
            | I::CertificateResend
            | I::CertificateMissing
            | I::RefundStatus
            | I::ChargeQuestion
            | I::AccessAfterPayment
            | I::ProgressMissing => Decision::Act,
            I::EmailChange
            | I::PrivacyRequest
            | I::RefundRequest
            | I::EnrolmentChange
            | I::GradeDispute
            | I::DeadlineExtension
            | I::ContentError
            | I::Complaint
            | I::Safety
            | I::HumanRequest => Decision::Escalate,
            I::LoginTrouble
            | I::NameChange
            | I::CertificateVerification
            | I::PaymentFailed
            | I::InvoiceRequest
            | I::DiscountQuestion
            | I::CourseInformation
            | I::VideoPlayback
            | I::QuizProblem
            | I::TechnicalIssue
            | I::Accessibility
            | I::Smalltalk
            | I::OutOfScope => Decision::Answer,
        }
    }

    /// The urgency when nothing in the message speaks for another.
    pub fn usual_urgency(self) -> Urgency {
        use Intent as I;
        match self {
            I::Safety => Urgency::Critical,
            I::AccessAfterPayment => Urgency::High,
            I::CertificateVerification | I::DiscountQuestion | I::CourseInformation | I::Smalltalk | I::OutOfScope => Urgency::Low,
            _ => Urgency::Normal,
        }
    }

    /// The action of the catalogue that serves it, if there is one.
    pub fn action(self) -> Option<ActionName> {
        use Intent as I;
        match self {
            I::PasswordReset => Some(ActionName::PasswordReset),
            I::CertificateResend => Some(ActionName::CertificateResend),
            I::CertificateMissing => Some(ActionName::CertificateMissing),
            I::RefundStatus => Some(ActionName::RefundStatus),
            I::ChargeQuestion => Some(ActionName::ChargeQuestion),
            I::AccessAfterPayment => Some(ActionName::AccessAfterPayment),
            I::ProgressMissing => Some(ActionName::ProgressMissing),
            _ => None,
        }
    }

    /// Talk that concerns no ticket: it is answered politely and never fills the queue.
    pub fn is_chatter(self) -> bool {
        matches!(self, Self::Smalltalk | Self::OutOfScope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_intents_whose_names_survive_a_round_trip() {
        assert_eq!(Intent::ALL.len(), 30);
        for intent in Intent::ALL {
            assert_eq!(intent.as_str().parse::<Intent>().unwrap(), *intent);
            assert_eq!(serde_json::to_value(intent).unwrap(), intent.as_str());
        }
    }

    #[test]
    fn an_action_exists_exactly_where_the_usual_decision_is_to_act() {
        for intent in Intent::ALL {
            assert_eq!(intent.action().is_some(), intent.usual_decision() == Decision::Act, "{intent}");
        }
    }
}
