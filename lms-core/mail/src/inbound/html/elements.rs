//! What the elements of a page do to the text in them.

use html5ever::tokenizer::Tag;

/// What an element does to the text in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Nothing,
    Hides,
    Quotes,
}

/// Elements that hold nothing and are not closed.
pub(super) fn is_void(name: &str) -> bool {
    matches!(
        name,
        "br" | "hr" | "img" | "input" | "meta" | "link" | "col" | "area" | "base" | "embed" | "source" | "track" | "wbr" | "param"
    )
}

/// Elements that begin on a line of their own.
pub(super) fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "ul"
            | "ol"
            | "li"
            | "dl"
            | "dt"
            | "dd"
            | "table"
            | "tbody"
            | "thead"
            | "tfoot"
            | "tr"
            | "blockquote"
            | "pre"
            | "hr"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "section"
            | "article"
            | "header"
            | "footer"
            | "main"
            | "aside"
            | "address"
            | "form"
            | "fieldset"
            | "center"
            | "body"
            | "html"
    )
}

fn attribute<'t>(tag: &'t Tag, name: &str) -> Option<&'t str> {
    tag.attrs.iter().find(|attribute| &*attribute.name.local == name).map(|attribute| &*attribute.value)
}

pub(super) fn effect(tag: &Tag) -> Effect {
    let unseen = matches!(
        &*tag.name,
        "head"
            | "script"
            | "style"
            | "title"
            | "template"
            | "noscript"
            | "iframe"
            | "object"
            | "svg"
            | "math"
            | "select"
            | "textarea"
            | "noframes"
            | "noembed"
            | "audio"
            | "video"
            | "canvas"
            | "map"
    );
    if unseen || attribute(tag, "hidden").is_some() || attribute(tag, "style").is_some_and(hides) {
        return Effect::Hides;
    }
    let quotes = &*tag.name == "blockquote"
        || attribute(tag, "class").is_some_and(|classes| {
            classes.split_ascii_whitespace().any(|class| {
                matches!(
                    class,
                    "gmail_quote"
                        | "gmail_attr"
                        | "gmail_quote_container"
                        | "yahoo_quoted"
                        | "protonmail_quote"
                        | "moz-cite-prefix"
                        | "zmail_extra"
                        | "OutlookMessageHeader"
                )
            })
        });
    if quotes { Effect::Quotes } else { Effect::Nothing }
}

/// What Outlook puts in front of the mail that is answered.
pub(super) fn stands_before_the_quote(tag: &Tag) -> bool {
    attribute(tag, "id").is_some_and(|id| {
        ["divRplyFwdMsg", "appendonsend", "OLK_SRC_BODY_SECTION", "mail-editor-reference-message-container", "reply-intro"]
            .iter()
            .any(|mark| id.ends_with(mark))
    })
}

/// Whether a style keeps its element from being seen.
fn hides(style: &str) -> bool {
    let style: String = style.chars().filter(|char| !char.is_whitespace()).flat_map(char::to_lowercase).collect();
    style.split(';').any(|rule| {
        let rule = rule.trim_end_matches("!important");
        let Some((name, value)) = rule.split_once(':') else { return false };
        match name {
            "display" => value == "none",
            "visibility" => matches!(value, "hidden" | "collapse"),
            "mso-hide" => value == "all",
            "font-size" | "max-height" | "max-width" | "opacity" => {
                value.trim_end_matches(|char: char| char.is_alphabetic() || char == '%').parse() == Ok(0.0_f64)
            }
            _ => false,
        }
    })
}
