//! Where mail goes out, as a person writes it.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use lettre::transport::smtp::AsyncSmtpTransportBuilder;
use lettre::{AsyncSmtpTransport, Tokio1Executor};

/// A mail server: `smtp://HOST:PORT`, `smtp://USER:PASSWORD@HOST:587` or `smtps://USER:PASSWORD@HOST`.
///
/// `smtps` is encrypted from the start (port 465 when none is given). `smtp` with a password insists on STARTTLS (587), so that no
/// password goes over the wire in the clear; without one it is plain (25). `?tls=required`, `?tls=opportunistic` and `?tls=none` say
/// otherwise. What is special in an address is percent-encoded, and a path names us in `EHLO`.
///
/// Prints itself without the password.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpSetting(String);

/// A text that is no setting of a mail server. Says nothing of the text: it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SmtpSettingError {
    /// Not SMTP.
    #[error("expected `smtp://HOST:PORT`, `smtp://USER:PASSWORD@HOST:PORT` or `smtps://USER:PASSWORD@HOST:PORT`")]
    UnknownScheme,
    /// `smtp://` and nothing after it.
    #[error("the mail server's name is missing: write `smtp://HOST:PORT`")]
    NoHost,
    /// `smtp://user@host`: the server would be asked without either.
    #[error("the password is missing: write `smtp://USER:PASSWORD@HOST:PORT`, with what is special percent-encoded")]
    NoPassword,
    /// `?tls=` something else.
    #[error("`tls` is `required`, `opportunistic` or `none`, and `smtps://` needs none")]
    UnknownTls,
    /// The port is no number, or the encoding is broken.
    #[error("not the address of a mail server: {0}")]
    Malformed(String),
    /// The sender is no mailbox.
    #[error("not a sender: write `Name <address>`, with the name in quotes when it has a comma")]
    From,
}

impl SmtpSetting {
    /// What connects. The setting was checked when it was read, so this fails only when TLS cannot be set up.
    pub(super) fn transport(&self) -> Result<AsyncSmtpTransportBuilder, String> {
        AsyncSmtpTransport::<Tokio1Executor>::from_url(&self.0).map_err(|error| super::outcome::cause(&error))
    }
}

impl FromStr for SmtpSetting {
    type Err = SmtpSettingError;

    fn from_str(text: &str) -> Result<Self, SmtpSettingError> {
        let text = text.trim();
        let encrypted = match text.split_once("://") {
            Some(("smtp", _)) => false,
            Some(("smtps", _)) => true,
            _ => return Err(SmtpSettingError::UnknownScheme),
        };
        let (place, query) = text.split_once('?').unwrap_or((text, ""));
        let (user, host) = authority(place);
        if host.is_empty() || host.starts_with(':') {
            return Err(SmtpSettingError::NoHost);
        }
        let has_password = match user {
            Some(user) => user.split_once(':').is_some_and(|(name, password)| !name.is_empty() && !password.is_empty()),
            None => false,
        };
        if user.is_some() && !has_password {
            return Err(SmtpSettingError::NoPassword);
        }
        let tls = match (encrypted, query) {
            (true, "") | (false, "tls=none") => "",
            (false, "") if has_password => "?tls=required",
            (false, "") => "",
            (false, "tls=required") => "?tls=required",
            (false, "tls=opportunistic") => "?tls=opportunistic",
            _ => return Err(SmtpSettingError::UnknownTls),
        };
        let setting = Self(format!("{place}{tls}"));
        setting.transport().map(|_| setting).map_err(SmtpSettingError::Malformed)
    }
}

/// `scheme://user:password@host:port/path`: what stands before the last `@`, and the host with its port.
fn authority(place: &str) -> (Option<&str>, &str) {
    let rest = place.split_once("://").map_or("", |(_, rest)| rest);
    let (user, host) = rest.rsplit_once('@').map_or((None, rest), |(user, host)| (Some(user), host));
    (user, host.split('/').next().unwrap_or_default())
}

impl fmt::Display for SmtpSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.0.split('?').next().unwrap_or_default();
        let scheme = place.split("://").next().unwrap_or_default();
        let (user, host) = authority(place);
        let user = user.map_or(Cow::Borrowed(""), |user| format!("{}:***@", user.split(':').next().unwrap_or_default()).into());
        write!(f, "{scheme}://{user}{host}")
    }
}

impl fmt::Debug for SmtpSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<SmtpSetting, SmtpSettingError> {
        text.parse()
    }

    #[test]
    fn the_usual_forms_are_read() {
        for text in [
            "smtp://127.0.0.1:1025",
            "smtp://[::1]:1025",
            "smtp://relay",
            "smtps://u:p@mail.example",
            "smtp://u:p@mail.example:587",
        ] {
            assert!(parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_password_never_goes_out_in_the_clear_unasked() {
        assert_eq!(parse("smtp://u:p@mail.example:587").unwrap().0, "smtp://u:p@mail.example:587?tls=required");
        assert_eq!(parse("smtp://u:p@mail.example?tls=none").unwrap().0, "smtp://u:p@mail.example");
        assert_eq!(parse("smtp://mail.example:25").unwrap().0, "smtp://mail.example:25");
        assert_eq!(parse("smtp://mail.example?tls=required").unwrap().0, "smtp://mail.example?tls=required");
    }

    #[test]
    fn what_is_no_mail_server_is_refused_with_what_to_write() {
        assert_eq!(parse("mail.example:25"), Err(SmtpSettingError::UnknownScheme));
        assert_eq!(parse("http://mail.example"), Err(SmtpSettingError::UnknownScheme));
        assert_eq!(parse("smtp://"), Err(SmtpSettingError::NoHost));
        assert_eq!(parse("smtp://u:p@:25"), Err(SmtpSettingError::NoHost));
        assert_eq!(parse("smtp://u@mail.example"), Err(SmtpSettingError::NoPassword));
        assert_eq!(parse("smtp://u:@mail.example"), Err(SmtpSettingError::NoPassword));
        assert_eq!(parse("smtp://mail.example?tls=perhaps"), Err(SmtpSettingError::UnknownTls));
        assert_eq!(parse("smtps://mail.example?tls=none"), Err(SmtpSettingError::UnknownTls));
        assert!(matches!(parse("smtp://mail.example:port"), Err(SmtpSettingError::Malformed(_))));
    }

    #[test]
    fn neither_the_setting_nor_an_error_prints_the_password() {
        for text in ["smtp://ann:secret@mail.example:587/porter", "smtps://ann:secret:se@cret@mail.example"] {
            let setting = parse(text).unwrap();
            assert!(setting.to_string().contains("://ann:***@mail.example"), "{setting}");
            assert!(!format!("{setting:?} {setting}").contains("cret"));
        }
        for text in
            ["smtp://ann:secret@mail.example:port", "smtp://ann:secret@", "ftp://ann:secret@h", "smtp://ann:secret%ff@mail.example"]
        {
            let error = parse(text).unwrap_err();
            assert!(!format!("{error:?} {error}").contains("secret"), "{error}");
        }
        assert_eq!(parse("smtp://mail.example:25").unwrap().to_string(), "smtp://mail.example:25");
    }
}
