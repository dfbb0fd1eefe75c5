//! What people may have meant, in their words.

use porter_triage::Intent;

/// The wish as a message that is read without doubt; `None` where nothing is to be asked: chatter, and what a person gets at once.
pub(crate) fn wish(intent: Intent) -> Option<&'static str> {
    use Intent as I;
    Some(match intent {
        I::PasswordReset => "I forgot my password and need a new one.",
        I::LoginTrouble => "I know my password, but I cannot sign in.",
        I::EmailChange => "I want another e-mail address on my account.",
        I::NameChange => "I want to change the name in my profile.",
        I::PrivacyRequest => "I have a question about my personal data.",
        I::CertificateResend => "Please send me my certificate again.",
        I::CertificateMissing => "I finished my course, but there is no certificate.",
        I::CertificateVerification => "How can somebody check that my certificate is real?",
        I::RefundStatus => "Where is the refund that I asked for?",
        I::RefundRequest => "I want my money back.",
        I::ChargeQuestion => "What was this charge on my card for?",
        I::PaymentFailed => "My payment does not go through.",
        I::InvoiceRequest => "I need an invoice for my order.",
        I::DiscountQuestion => "I have a question about discounts.",
        I::AccessAfterPayment => "I paid for a course, but it does not open.",
        I::EnrolmentChange => "I want to switch to another course or leave mine.",
        I::CourseInformation => "I have a question about a course before I buy it.",
        I::VideoPlayback => "A video does not play.",
        I::GradeDispute => "I think that my grade is wrong.",
        I::QuizProblem => "I have a problem with a quiz.",
        I::DeadlineExtension => "I need more time for a deadline.",
        I::ContentError => "There is a mistake in a lesson.",
        I::ProgressMissing => "Lessons that I finished are not counted.",
        I::TechnicalIssue => "The site or the app does not work properly.",
        I::Accessibility => "I have a question about accessibility.",
        I::Complaint => "I want to make a complaint.",
        I::Safety | I::HumanRequest | I::Smalltalk | I::OutOfScope => return None,
    })
}

/// All of them.
pub fn wishes() -> impl Iterator<Item = (Intent, &'static str)> {
    Intent::ALL.iter().filter_map(|intent| Some((*intent, wish(*intent)?)))
}
