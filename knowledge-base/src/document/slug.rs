//! Names for addresses: article slugs and heading anchors share one spelling rule, so a link can be built from either.

use std::collections::{HashMap, HashSet};

use super::markdown::{Block, BlockKind};

/// Lower case, with every run of characters that are neither letters nor digits as one dash.
///
/// Letters of any script stay, because an article that is titled in Greek should not lose its name.
pub(super) fn slugify(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    if slug.ends_with('-') {
        slug.pop();
    }
    slug
}

/// The slug of a document that names none: its whole path without the extension.
///
/// The stem alone would collide (`billing/overview.md`, `video/overview.md`).
pub fn slug_for(path: &str) -> String {
    or_document(slugify(without_extension(path)))
}

/// The slug of a document whose author wrote front matter: the one given there, else the file's own name.
pub(super) fn own_slug(given: Option<&str>, path: &str) -> String {
    match given.map(slugify) {
        Some(slug) if !slug.is_empty() => slug,
        _ => or_document(slugify(stem(path))),
    }
}

/// `certificates/certificate_missing.md` as `Certificate missing`, the title of last resort.
pub(super) fn readable_stem(path: &str) -> String {
    let words = stem(path).replace(['-', '_'], " ");
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut chars = words.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => "Document".to_owned(),
    }
}

fn stem(path: &str) -> &str {
    without_extension(path.rsplit('/').next().unwrap_or(path))
}

fn without_extension(path: &str) -> &str {
    match path.rsplit_once('.') {
        Some((stem, extension)) if !extension.contains('/') => stem,
        _ => path,
    }
}

/// A path may consist of signs only; an empty slug would be the address of the whole help centre.
fn or_document(slug: String) -> String {
    if slug.is_empty() { "document".to_owned() } else { slug }
}

/// The anchors of an article's section headings (levels 1 to 3), in order and each used once.
///
/// Passages cite them and the rendered page carries them as ids, so both must call this.
pub(super) fn anchors(blocks: &[Block<'_>]) -> Vec<String> {
    let mut used = HashSet::new();
    let mut repeats: HashMap<String, u32> = HashMap::new();
    let headings = blocks.iter().filter_map(|block| match &block.kind {
        BlockKind::Section { heading, .. } => Some(heading),
        _ => None,
    });
    headings
        .map(|heading| {
            let base = match slugify(heading) {
                slug if slug.is_empty() => "section".to_owned(),
                slug => slug,
            };
            // Counting alone is not enough: a heading may really be called "Step 2" after two called "Step".
            let count = repeats.entry(base.clone()).or_insert(0);
            loop {
                *count += 1;
                let anchor = match *count {
                    1 => base.clone(),
                    n => format!("{base}-{n}"),
                };
                if used.insert(anchor.clone()) {
                    break anchor;
                }
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::markdown::blocks;
    use super::*;

    #[test]
    fn slugs_are_lower_case_words_with_single_dashes() {
        for (text, slug) in [
            ("Share a Web Certificate", "share-a-web-certificate"),
            ("  What's new?  (2026)", "what-s-new-2026"),
            ("Überprüfen & Ändern", "überprüfen-ändern"),
            ("---", ""),
        ] {
            assert_eq!(slugify(text), slug);
        }
    }

    #[test]
    fn a_path_without_front_matter_keeps_its_folders() {
        assert_eq!(slug_for("How-tos/Add_links.rst"), "how-tos-add-links");
        assert_eq!(slug_for("v1.2/notes"), "v1-2-notes");
        assert_eq!(slug_for("---.md"), "document");
    }

    #[test]
    fn front_matter_brings_its_own_slug_or_the_stem() {
        assert_eq!(own_slug(None, "billing/refund_policy.md"), "refund-policy");
        assert_eq!(own_slug(Some("../Refunds"), "a/b.md"), "refunds");
        assert_eq!(own_slug(Some("/"), "a/b.md"), "b");
    }

    #[test]
    fn a_stem_becomes_a_title() {
        assert_eq!(readable_stem("a/certificate_missing.md"), "Certificate missing");
        assert_eq!(readable_stem("SFD_ORA.rst"), "SFD ORA");
        assert_eq!(readable_stem("_.md"), "Document");
    }

    #[test]
    fn anchors_are_unique_even_when_a_heading_looks_like_a_repeat() {
        let blocks = blocks("## Step\n\n## Step 2\n\n## Step\n\n## Step\n\n## ?\n\n#### Not a section\n");
        assert_eq!(anchors(&blocks), ["step", "step-2", "step-3", "step-4", "section"]);
    }
}
