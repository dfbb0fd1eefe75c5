//! Where values come from, and how a merged tree of them is looked into.

use figment::{
    Error, Metadata, Profile, Provider,
    util::nest,
    value::{Dict, Map, Tag, Value},
};

use super::ENV_PREFIX;

/// Names the file itself, read by the command line.
const CONFIG_FILE: &str = "PORTER_CONFIG";
/// What the tests tell one another.
const FOR_TESTS: &str = "PORTER_TEST_";

/// One environment variable: `PORTER_BOT__LEASE_SECONDS` is the field `bot.lease_seconds`.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct EnvVar {
    name: String,
    text: String,
    path: Vec<String>,
}

impl EnvVar {
    /// `None`: not a setting of Porter's.
    pub(super) fn new(name: String, text: String) -> Option<Self> {
        if name == CONFIG_FILE || name.starts_with(FOR_TESTS) {
            return None;
        }
        let path: Vec<String> = name.strip_prefix(ENV_PREFIX)?.to_ascii_lowercase().split("__").map(ToOwned::to_owned).collect();
        path.iter().all(|part| !part.is_empty()).then_some(Self { name, text, path })
    }

    pub(super) fn path(&self) -> &[String] {
        &self.path
    }

    pub(super) fn text(&self) -> Value {
        Value::from(self.text.clone())
    }
}

impl Provider for &EnvVar {
    fn metadata(&self) -> Metadata {
        Metadata::named(format!("environment variable {}", self.name))
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        // Never fails: what does not read as TOML is a text.
        let value: Value = self.text.parse().unwrap_or_else(|_| self.text());
        let dict = nest(&self.path.join("."), value).into_dict().unwrap_or_default();
        Ok(Profile::Default.collect(dict))
    }
}

/// What the command line gave.
pub(super) struct CommandLine<'a>(pub(super) &'a serde_json::Value);

impl Provider for CommandLine<'_> {
    fn metadata(&self) -> Metadata {
        Metadata::named("the command line")
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let value = Value::serialize(without_nulls(self.0))?;
        Ok(Profile::Default.collect(value.into_dict().unwrap_or_default()))
    }
}

/// An option that was not given must not wipe out what the file says.
fn without_nulls(value: &serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Object(fields) => {
            fields.iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.clone(), without_nulls(value))).collect()
        }
        other => other.clone(),
    }
}

/// The value at a path of keys and indices.
pub(super) fn find<'a>(value: &'a Value, path: &[String]) -> Option<&'a Value> {
    match path {
        [] => Some(value),
        [first, rest @ ..] => match value {
            Value::Dict(_, fields) => find(fields.get(first)?, rest),
            Value::Array(_, items) => find(items.get(first.parse::<usize>().ok()?)?, rest),
            _ => None,
        },
    }
}

/// Replaces the value at a path of keys, keeping its tag. `false`: there is none.
pub(super) fn set(value: &mut Value, path: &[String], new: Value) -> bool {
    match (path, value) {
        ([], value) => {
            let tag = value.tag();
            let changed = *value != new;
            *value = retag(new, tag);
            changed
        }
        ([first, rest @ ..], Value::Dict(_, fields)) => fields.get_mut(first).is_some_and(|value| set(value, rest, new)),
        _ => false,
    }
}

fn retag(value: Value, tag: Tag) -> Value {
    match value {
        Value::String(_, text) => Value::String(tag, text),
        other => other,
    }
}

/// Puts the default in place of the value at a path, or of the nearest one around it that can be
/// named by keys. `false`: there was nothing to replace.
pub(super) fn reset(value: &mut Value, defaults: &Value, path: &[String]) -> bool {
    let ([first, rest @ ..], Value::Dict(_, fields)) = (path, value) else { return false };
    let default = defaults.as_dict().and_then(|defaults| defaults.get(first));
    let deeper = match (fields.get_mut(first), default) {
        (Some(inner @ Value::Dict(..)), Some(default)) => reset(inner, default, rest),
        // Not among the defaults: an entry of a map. Only its bad part need go, but if that is
        // missing, the entry goes.
        _ => false,
    };
    if deeper {
        return true;
    }
    let old = fields.remove(first);
    match default {
        Some(default) => {
            let changed = old.as_ref() != Some(default);
            fields.insert(first.clone(), default.clone());
            changed
        }
        None => old.is_some(),
    }
}
