//! Roles and links: what a reader sees of them.

use super::{
    definitions::Definitions,
    escape::{code, escape, unescape},
};

/// The text of `content` in a role, which may also be none that we know.
pub(super) fn with_role(role: &str, content: &str, definitions: &Definitions) -> String {
    let content = unescape(content);
    // Roles of other domains are written `py:func`; only the last part says what it is.
    match role.rsplit(':').next().unwrap_or(role) {
        // These two say how far a cell reaches, in the place where its text begins.
        "rspan" | "cspan" => String::new(),
        "code" | "file" | "literal" | "math" | "samp" => code(&content),
        "guilabel" | "menuselection" => {
            let label = content.replace("-->", "›").replace('&', "");
            format!("**{}**", escape(label.trim()))
        }
        _ => {
            let (text, target) = text_and_target(&content);
            match (text, target) {
                ("", Some(target)) => escape(target),
                (text, Some(_)) => escape(text),
                (label, None) => escape(&named(role, label, definitions)),
            }
        }
    }
}

/// What a reader sees for a bare reference: the title it leads to, else its name made readable.
fn named(role: &str, label: &str, definitions: &Definitions) -> String {
    let label = label.trim_start_matches('!');
    if let Some(title) = definitions.title(label) {
        return title.to_owned();
    }
    if let Some(name) = label.strip_prefix('~') {
        return name.rsplit('.').next().unwrap_or(name).to_owned();
    }
    match role {
        "doc" => label.rsplit('/').next().unwrap_or(label).replace(['_', '-'], " "),
        "ref" | "numref" => label.replace('_', " "),
        _ => label.to_owned(),
    }
}

/// `` `text <address>`_ `` or `` `name`_ ``.
pub(super) fn link(content: &str, definitions: &Definitions) -> String {
    let content = unescape(content);
    match text_and_target(&content) {
        (text, Some(target)) => {
            // `<name_>` is the name of a target, not an address.
            let named = target.strip_suffix('_').and_then(|name| definitions.address(name));
            let text = if text.is_empty() { target } else { text };
            linked(text, named.unwrap_or(target))
        }
        (name, None) => to_name(name, definitions),
    }
}

/// A link to what `name` leads to, or the text that a reader would see there.
pub(super) fn to_name(name: &str, definitions: &Definitions) -> String {
    match (definitions.address(name), definitions.title(name)) {
        (Some(address), _) => linked(name, address),
        (None, Some(title)) => escape(title),
        (None, None) => escape(name),
    }
}

/// `text <target>` in two; without brackets all is text.
fn text_and_target(content: &str) -> (&str, Option<&str>) {
    let parts = content.strip_suffix('>').and_then(|content| content.rsplit_once('<'));
    match parts {
        Some((text, target)) => (text.trim(), Some(target.trim())),
        None => (content, None),
    }
}

/// A link, if a browser can follow it: paths of the manual's own files lead nowhere here.
fn linked(text: &str, address: &str) -> String {
    let followed = ["https://", "http://", "mailto:", "/"];
    let bracketed = address.contains(['<', '>', '\\']) || address.contains(char::is_whitespace);
    if bracketed || !followed.iter().any(|start| address.starts_with(start)) {
        return escape(text);
    }
    format!("[{}](<{}>)", escape(text), address.replace('&', "&amp;"))
}
