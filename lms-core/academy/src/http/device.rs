//! The browser that somebody signs in with: what it calls itself, and whether it was signed in to an account before.

use axum::http::{HeaderMap, HeaderValue, header};
use uuid::Uuid;

use super::Academy;
use crate::domain::AccountId;

const COOKIE: &str = "academy_device";
/// Accounts that one browser keeps marks of: people share computers.
const MARKS: usize = 4;
/// A year: browsers keep no cookie much longer.
const MAX_AGE: u64 = 365 * 24 * 3_600;

/// Which device this is for the account, when somebody has signed in to it from here before.
pub(super) fn known(academy: &Academy, headers: &HeaderMap, account: AccountId) -> Option<Uuid> {
    marks(academy, headers).into_iter().find(|(whose, _, _)| *whose == account).map(|(_, device, _)| device)
}

/// The cookie that makes this device known to the account.
pub(super) fn remember(academy: &Academy, headers: &HeaderMap, account: AccountId) -> HeaderValue {
    let before = marks(academy, headers);
    let device = before.iter().find(|(whose, _, _)| *whose == account).map(|(_, device, _)| *device);
    let mark = academy.parts.key.device_mark(account, device.unwrap_or_else(|| academy.parts.ids.uuid()));
    let others = before.into_iter().filter(|(whose, _, _)| *whose != account).map(|(_, _, mark)| mark);
    let all: Vec<String> = std::iter::once(mark).chain(others).take(MARKS).collect();
    let secure = if academy.parts.secure_cookies { "; Secure" } else { "" };
    let text = format!("{COOKIE}={}; HttpOnly; SameSite=Lax; Path=/; Max-Age={MAX_AGE}{secure}", all.join("."));
    // Plain ASCII, so this does not fail.
    let mut value = HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

fn marks(academy: &Academy, headers: &HeaderMap) -> Vec<(AccountId, Uuid, String)> {
    let Some(value) = cookie(headers, COOKIE) else { return Vec::new() };
    let read = |mark: &str| academy.parts.key.read_device_mark(mark).map(|(account, device)| (account, device, mark.to_owned()));
    value.split('.').take(MARKS).filter_map(read).collect()
}

/// The value of a cookie.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(found, value)| (found == name).then_some(value))
}

/// `Firefox on Windows`: as much as a person needs to know it again. Empty when the browser says nothing that we know.
pub(super) fn words(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // The order matters: each of these also carries the names of those after it.
    let browsers = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Firefox/", "Firefox"),
        ("FxiOS", "Firefox"),
        ("Chrome/", "Chrome"),
        ("CriOS", "Chrome"),
        ("Safari/", "Safari"),
    ];
    let systems = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Macintosh", "Mac"),
        ("CrOS", "Chromebook"),
        ("Linux", "Linux"),
    ];
    let find = |names: &[(&str, &'static str)]| names.iter().find(|(sign, _)| agent.contains(sign)).map(|(_, name)| *name);
    match (find(&browsers), find(&systems)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(agent: &str) -> String {
        words(&HeaderMap::from_iter([(header::USER_AGENT, HeaderValue::try_from(agent).unwrap())]))
    }

    #[test]
    fn a_device_is_named_so_that_its_owner_knows_it() {
        for (agent, name) in [
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
                "Safari on Mac",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
                "Chrome on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            ("curl/8.0", ""),
            ("", ""),
        ] {
            assert_eq!(said(agent), name, "{agent}");
        }
    }
}
