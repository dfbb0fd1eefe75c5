//! Where to go after signing in: a page of the academy, never another site.

/// Longer than any address of a page here.
const MAX: usize = 300;

/// The path when it is one of this site. Browsers take `//host`, `/\host` and `/<tab>/host` for other sites, so none of that passes.
pub(super) fn local(path: &str) -> Option<&str> {
    let rest = path.strip_prefix('/')?;
    let good = path.len() <= MAX && !rest.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    // Signing in would lead to signing in.
    (good && !rest.starts_with("sign-")).then_some(path)
}

/// The sign-in page that leads back to this path.
pub(super) fn sign_in(path: &str) -> String {
    match local(path) {
        Some(path) => format!("/sign-in?next={}", escaped(path)),
        None => "/sign-in".to_owned(),
    }
}

/// A path as the value of a field in an address.
pub(super) fn escaped(path: &str) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_own_pages_are_gone_to() {
        for good in ["/", "/orders", "/certificates/1.pdf", "/verify?code=NL-1", "/learning#top"] {
            assert_eq!(local(good), Some(good));
        }
        for bad in [
            "",
            "orders",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example",
            "/\t/evil.example",
            "/a\r\nset-cookie: x",
            "/é",
            "javascript:alert(1)",
            "/sign-in?next=/",
            "/sign-out",
            &format!("/{}", "a".repeat(MAX)),
        ] {
            assert_eq!(local(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn the_way_back_is_kept_in_the_address() {
        assert_eq!(sign_in("/orders"), "/sign-in?next=/orders");
        assert_eq!(sign_in("/a?b=c&d=%2F"), "/sign-in?next=/a%3Fb%3Dc%26d%3D%252F");
        assert_eq!(sign_in("//evil.example"), "/sign-in");
    }

    proptest! {
        #[test]
        fn what_passes_is_a_path_on_this_host(path in "[/\\\\a-z:@.\t\r\n%0-9?#]{0,20}") {
            if let Some(path) = local(&path) {
                prop_assert!(path.starts_with('/') && !path.starts_with("//") && !path.contains('\\'));
            }
        }
    }
}
