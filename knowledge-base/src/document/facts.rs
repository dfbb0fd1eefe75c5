//! The figures that articles promise, kept in one file and named in the text.
//!
//! An article says `{{ refund.window_days }} days`; the number lives in `facts.toml`, next to the code that keeps the
//! promise. A placeholder that the file does not know is an error, because a learner must never read one.

use std::collections::BTreeMap;

use toml::{Table, Value};

/// Dotted names and the text that stands for each of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts(BTreeMap<String, String>);

/// The facts file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FactsError {
    #[error("the facts are not valid TOML: {0}")]
    Syntax(#[from] toml::de::Error),
    #[error("the fact {key} is {kind}: write a text, a number, a date or true/false")]
    NotPlain { key: String, kind: &'static str },
}

/// An article names a fact that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{placeholder} names no fact: add it to facts.toml or correct the name")]
pub struct UnknownFact {
    pub placeholder: String,
}

impl Facts {
    /// Reads tables of plain values; `[refund] window_days = 14` becomes `refund.window_days`.
    pub fn from_toml(text: &str) -> Result<Self, FactsError> {
        let mut facts = BTreeMap::new();
        flatten(&text.parse::<Table>()?, "", &mut facts)?;
        Ok(Self(facts))
    }

    /// The text that stands for a name.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// Every fact, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, fact)| (key.as_str(), fact.as_str()))
    }

    /// These facts with others in the place of those of the same name. A name that is not here stays unknown, and a text of several lines is no
    /// fact: what a system says about itself must not write articles.
    pub fn overridden<'f>(&self, others: impl IntoIterator<Item = (&'f str, &'f str)>) -> Self {
        let mut facts = self.0.clone();
        for (key, fact) in others {
            if let Some(own) = facts.get_mut(key)
                && !fact.chars().any(char::is_control)
            {
                fact.clone_into(own);
            }
        }
        Self(facts)
    }

    /// The facts that a text names, for its fingerprint: it changes when one of them does, and not when another does.
    pub(crate) fn named_in(&self, text: &str) -> String {
        let names = text.split("{{").skip(1).filter_map(|after| Some(after.split_once("}}")?.0.trim()));
        names.filter_map(|name| Some(format!("{name}={}\n", self.0.get(name)?))).collect()
    }

    /// `text` with every `{{ dotted.key }}` replaced.
    pub fn apply(&self, text: &str) -> Result<String, UnknownFact> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            // A placeholder never spans lines: without this an unclosed one would swallow the article.
            let line = after.lines().next().unwrap_or_default();
            let (key, fact) = match line.split_once("}}") {
                Some((key, _)) => (key, self.0.get(key.trim())),
                None => (line, None),
            };
            let Some(fact) = fact else {
                let closing = if line.contains("}}") { "}}" } else { "" };
                return Err(UnknownFact { placeholder: format!("{{{{{key}{closing}") });
            };
            out.push_str(before);
            out.push_str(fact);
            rest = after.get(key.len() + 2..).unwrap_or_default();
        }
        out.push_str(rest);
        Ok(out)
    }
}

fn flatten(table: &Table, prefix: &str, facts: &mut BTreeMap<String, String>) -> Result<(), FactsError> {
    for (name, value) in table {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        let text = match value {
            Value::Table(inner) => {
                flatten(inner, &key, facts)?;
                continue;
            }
            Value::Array(_) => return Err(FactsError::NotPlain { key, kind: "a list" }),
            Value::String(text) => text.clone(),
            Value::Integer(number) => number.to_string(),
            Value::Float(number) => number.to_string(),
            Value::Boolean(truth) => truth.to_string(),
            Value::Datetime(moment) => moment.to_string(),
        };
        facts.insert(key, text);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts::from_toml("hours = \"9 to 5\"\n[refund]\nwindow_days = 14\n[refund.fee]\npercent = 2.5\n").unwrap()
    }

    #[test]
    fn placeholders_become_the_facts_they_name() {
        assert_eq!(
            facts().apply("{{hours}}: {{ refund.window_days }} days, {{refund.fee.percent}}%.").unwrap(),
            "9 to 5: 14 days, 2.5%."
        );
        assert_eq!(facts().apply("a { b } }} c").unwrap(), "a { b } }} c");
    }

    #[test]
    fn an_unknown_placeholder_is_named() {
        for (text, placeholder) in [
            ("in {{refund.windw_days}} days", "{{refund.windw_days}}"),
            ("in {{refund}} days", "{{refund}}"),
            ("in {{refund.window_days} days\n}}", "{{refund.window_days} days"),
            ("{{", "{{"),
        ] {
            let error = facts().apply(text).unwrap_err();
            assert_eq!(error.placeholder, placeholder);
            assert!(error.to_string().contains("facts.toml"));
        }
    }

    #[test]
    fn what_a_text_names_changes_its_fingerprint_and_nothing_else_does() {
        let text = "in {{refund.window_days}} or {{ hours }} or {{nothing}}";
        assert_eq!(facts().named_in(text), "refund.window_days=14\nhours=9 to 5\n");
        let changed = facts().overridden([("refund.window_days", "30"), ("unknown", "1"), ("hours", "9\nto 5")]);
        assert_eq!(changed.named_in(text), "refund.window_days=30\nhours=9 to 5\n");
        assert_eq!(changed.get("unknown"), None);
        assert_eq!(facts().overridden([("refund.fee.percent", "3")]).named_in(text), facts().named_in(text));
    }

    #[test]
    fn lists_and_broken_toml_are_refused() {
        let error = Facts::from_toml("[a]\nb = [1]").unwrap_err();
        assert!(error.to_string().contains("a.b"), "{error}");
        assert!(matches!(Facts::from_toml("[a"), Err(FactsError::Syntax(_))));
    }
}
