//! What a failed sending means: again later, or never.
//!
//! A server's own words are not repeated: they often hold the recipient's address, and what is said here is logged and stored.

use std::error::Error as _;

use lettre::transport::smtp::Error;

use crate::MailError;

/// Answers to us rather than to the mail: a password that is wrong today is no reason to drop a mail for good (RFC 4954, section 6).
const ABOUT_US: [u16; 4] = [530, 534, 535, 538];

pub(super) fn failed(error: &Error) -> MailError {
    let why = cause(error);
    match error.status() {
        Some(code) if error.is_permanent() && !ABOUT_US.contains(&code.into()) => MailError::Never(why),
        Some(_) => MailError::Later(why),
        // Not sent at all: this server does not take an address of this form.
        None if error.is_client() && why.contains("SMTPUTF8") => MailError::Never(why),
        None => MailError::Later(why),
    }
}

/// The code and its enhanced status (RFC 3463), or what broke.
pub(super) fn cause(error: &Error) -> String {
    let said = error.source().map(ToString::to_string).unwrap_or_default();
    match error.status() {
        Some(code) => match said.split_whitespace().next().filter(|word| is_enhanced_status(word)) {
            Some(status) => format!("it answered {code} {status}"),
            None => format!("it answered {code}"),
        },
        None if error.is_response() => "its answer is not SMTP, or it hung up".to_owned(),
        None if error.is_client() => said,
        None if error.is_tls() => format!("TLS failed: {said}"),
        None => said,
    }
}

/// `5.1.1`: three numbers.
fn is_enhanced_status(word: &str) -> bool {
    let parts: Vec<_> = word.split('.').collect();
    parts.len() == 3 && parts.iter().all(|part| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_enhanced_status_is_three_numbers() {
        assert!(is_enhanced_status("5.1.1") && is_enhanced_status("4.7.100"));
        for word in ["", "5.1", "5.1.1.1", "anna@x.example", "5.1.x", "1.2.3000"] {
            assert!(!is_enhanced_status(word), "{word}");
        }
    }
}
